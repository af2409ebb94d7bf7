"use strict";
// What only a browser knows of the page: in a frame as wide as asked, with the page's own style and script.
const problems = [];
const luminance = ([red, green, blue]) => {
  const part = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
};
const channels = colour => colour.match(/[\d.]+/g).map(Number);
const paper = element => {
  for (let at = element; at; at = at.parentElement) {
    const [red, green, blue, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
    if (alpha === 1) return [red, green, blue];
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const check = () => {
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) problems.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(each => each.nodeType === 3 && each.data.trim());
    if (!own || element.closest("script, style, title") || element.tagName === "title") continue;
    const style = getComputedStyle(element);
    const inGraph = element.closest("svg");
    const box = inGraph ? getComputedStyle(element.closest("a").querySelector("rect")).fill : null;
    const ratio = contrast(channels(inGraph ? style.fill : style.color), box ? channels(box) : paper(element));
    if (ratio < 4.5) problems.push(`contrast ${ratio.toFixed(1)}: ${element.className} ${element.textContent.slice(0, 30)}`);
    if (parseFloat(style.fontSize) < 11) problems.push(`${style.fontSize}: ${element.textContent.slice(0, 30)}`);
  }
  for (const text of document.querySelectorAll("svg text")) {
    const box = text.closest("a").querySelector("rect").getBBox();
    const inside = text.getBBox();
    if (inside.x < box.x || inside.x + inside.width > box.x + box.width) problems.push(`too long: ${text.textContent}`);
  }
  const nodes = [...document.querySelectorAll("svg [data-node]")];
  for (const node of nodes) {
    node.focus();
    if (document.activeElement !== node) problems.push(`no focus: ${node.textContent}`);
    if (!node.classList.contains("near")) problems.push(`focus shows nothing: ${node.textContent}`);
  }
  const folded = document.querySelector("details tr[id]");
  if (folded) {
    folded.closest("details").open = false;
    location.hash = folded.id;
    dispatchEvent(new HashChangeEvent("hashchange"));
    if (!folded.closest("details").open) problems.push("a link to a folded row shows nothing");
  }
  const loaded = performance.getEntriesByType("resource").map(each => each.name);
  if (loaded.length) problems.push(`loads ${loaded}`);
  parent.postMessage(JSON.stringify({ width: innerWidth, nodes: nodes.length, problems }), "*");
};
addEventListener("error", event => problems.push(`error: ${event.message}`));
addEventListener("load", check);
