// Theme, contents and printing.
(() => {
  "use strict";
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const set = (dark) => {
    root.dataset.theme = dark ? "dark" : "light";
    button.setAttribute("aria-pressed", String(dark));
    document.dispatchEvent(new Event("themechange"));
  };
  set(location.hash === "#dark" || matchMedia("(prefers-color-scheme: dark)").matches);
  button.addEventListener("click", () => set(root.dataset.theme !== "dark"));
  document.getElementById("print").addEventListener("click", () => print());

  const unfold = () => {
    const wanted = location.hash && document.getElementById(location.hash.slice(1));
    if (wanted && wanted.matches("details.option")) {
      wanted.open = true;
      wanted.scrollIntoView();
    }
  };
  addEventListener("hashchange", unfold);
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".matrix a");
    if (link && link.hash === location.hash) unfold(); // the same cell again: its card may have been closed since
  });
  unfold();

  const opened = [];
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details.fold:not([open]), details.option:not([open])")) {
      fold.open = true;
      opened.push(fold);
    }
  });
  addEventListener("afterprint", () => {
    while (opened.length) opened.pop().open = false;
  });

  const contents = document.querySelector(".contents details");
  if (matchMedia("(max-width: 720px)").matches) contents.open = false;
  const links = new Map([...document.querySelectorAll(".contents a")].map((a) => [a.hash.slice(1), a]));
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const e of entries) e.isIntersecting ? seen.add(e.target.id) : seen.delete(e.target.id);
    const first = [...links.keys()].find((id) => seen.has(id));
    if (!first) return;
    for (const [id, a] of links) id === first ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current");
  }, { rootMargin: "-15% 0px -60% 0px" });
  for (const section of document.querySelectorAll("main > section")) watch.observe(section);
})();
