"""What is asked of a page in a browser: expressions of JavaScript, and what they give."""

from __future__ import annotations

TOO_WIDE = """
[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + "." + (e.getAttribute("class") || "") + ": " + e.textContent.trim().slice(0, 40))
"""
SCROLLS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# names of hosts whose row is there to be seen, and has bars that are
ROWS = """
[...document.querySelectorAll(".rows > li")].filter(row => {
  const seen = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
  return seen(row.querySelector(".host")) && [...row.querySelectorAll("rect")].some(seen);
}).map(row => row.querySelector(".host").firstChild.textContent.trim())
"""
# texts whose colour is too near to what is behind them (WCAG 2.2, 1.4.3: 4.5, or 3 for large ones)
FAINT = """
(() => {
  const parse = text => { const m = text.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; }
    return [255, 255, 255, 1];
  };
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    const text = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent.trim()).join("");
    if (!text || !e.getBoundingClientRect().width || e.closest("svg")) continue;
    const style = getComputedStyle(e), [a, b] = [light(parse(style.color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${e.tagName}.${e.className}: ${text.slice(0, 40)}`);
  }
  return found;
})()
"""
SMALL = """
[...document.querySelectorAll("body *")].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
  && !e.closest("svg") && parseFloat(getComputedStyle(e).fontSize) < 12).map(e => e.textContent.trim().slice(0, 40))
"""
STYLED = "getComputedStyle(document.querySelector('main')).maxWidth !== 'none'"
EVIL = "[...document.querySelectorAll('script, img, iframe, link, form, object')].length"
FOLD = "document.querySelector('#steps details').open = false"
STEPS_SEEN = "document.querySelector('#steps ol').checkVisibility()"
