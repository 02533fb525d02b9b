"""Did the tumour respond: RECIST 1.1, mRECIST, EASL, Choi, PERCIST and viable volume, each with what measurement error allows."""
