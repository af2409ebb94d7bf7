"use strict";
// Light up the neighbours of the resource that is pointed at or focused.
for (const svg of document.querySelectorAll("svg")) {
  const nodes = new Map([...svg.querySelectorAll("[data-node]")].map(node => [node.dataset.node, node]));
  const show = node => {
    svg.classList.toggle("looking", Boolean(node));
    for (const each of svg.querySelectorAll(".near")) each.classList.remove("near");
    if (!node) return;
    node.classList.add("near");
    for (const path of svg.querySelectorAll("path")) {
      const { from, to } = path.dataset;
      if (from !== node.dataset.node && to !== node.dataset.node) continue;
      for (const each of [path, nodes.get(from), nodes.get(to)]) each.classList.add("near");
    }
  };
  const at = event => show(event.target.closest("[data-node]"));
  svg.addEventListener("pointerover", at);
  svg.addEventListener("focusin", at);
  svg.addEventListener("pointerleave", () => show(null));
  svg.addEventListener("focusout", () => show(null));
}
// What a link leads to may be folded away.
const unfold = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target && target.closest("details");
  if (details) details.open = true;
  if (target) target.scrollIntoView({ block: "center" });
};
addEventListener("hashchange", unfold);
unfold();
