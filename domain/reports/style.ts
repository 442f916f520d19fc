/** The look of a report: light and dark, narrow and wide, and on paper. Markup, not text: it holds no value of anybody's. */
import type { Markup } from './markup';

/** Orange and blue of Okabe and Ito's palette (jfly.uni-koeln.de/color), which everybody can tell apart; the old line is dashed as well. */
const COLOURS = `
:root {
  --paper: #fff; --ink: #1b1f24; --soft: #59636e; --line: #dde1e6; --code: #f3f5f7;
  --good: #116b38; --bad: #b3261e; --warn: #855000; --plain: #2457a6; --quiet: #59636e; --bar: #b9c9e4;
  --new: #cc5500; --old: #0072b2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e6e9ed; --soft: #9aa4af; --line: #2d333a; --code: #20252b;
    --good: #6fd09a; --bad: #ff8f86; --warn: #f0b65a; --plain: #8fb8ff; --quiet: #9aa4af; --bar: #3a4f70;
    --new: #ff9a52; --old: #62b5f0;
  }
}
.tone-good { --tone: var(--good); } .tone-bad { --tone: var(--bad); } .tone-warn { --tone: var(--warn); }
.tone-plain { --tone: var(--plain); } .tone-quiet { --tone: var(--quiet); }
`;

const TEXT = `
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
body { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
header { border-top: 5px solid var(--tone); padding-top: 1.25rem; }
section { border-top: 1px solid var(--line); margin-top: 2.25rem; padding-top: 1.5rem; }
.word { margin: 0; color: var(--tone); font-weight: 700; letter-spacing: .07em; text-transform: uppercase; font-size: .82rem; }
h1 { margin: .1rem 0 .75rem; font-size: 1.9rem; line-height: 1.2; letter-spacing: -.015em; font-weight: 680; overflow-wrap: anywhere; }
h2 { margin: 0 0 1rem; font-size: 1.25rem; line-height: 1.3; letter-spacing: -.005em; font-weight: 650; }
h3 { margin: 1.75rem 0 .6rem; font-size: 1rem; font-weight: 650; overflow-wrap: anywhere; }
h2 + h3 { margin-top: 0; }
.sentence { margin: 0 0 1.5rem; max-width: 52rem; font-size: 1.15rem; line-height: 1.5; overflow-wrap: anywhere; }
p, ul, ol, pre { margin: 0 0 .85rem; overflow-wrap: anywhere; }
p { max-width: 52rem; }
ul, ol { padding-left: 1.4rem; }
li { margin: .15rem 0; }
section > :last-child, header > :last-child { margin-bottom: 0; }
code { font: .88em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--code); border-radius: 4px; padding: .1em .35em; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: 6px; padding: .75rem 1rem; white-space: pre-wrap; }
pre code { background: none; padding: 0; }
span.tone-good, span.tone-bad, span.tone-warn { color: var(--tone); font-weight: 600; }
span.tone-quiet { color: var(--soft); }
.evidence { list-style: none; padding: 0; }
.evidence li { border-left: 3px solid var(--line); margin: 0 0 .6rem; padding: 0 0 0 .85rem; }
.evidence .from { display: block; color: var(--soft); font-size: .82rem; }
.evidence code { display: block; background: none; padding: 0; white-space: pre-wrap; }
`;

const FIGURES = `
dl { margin: 0 0 1rem; display: grid; gap: .35rem 0; }
dl > div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 0 1rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
dl.tiles { grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr)); gap: 1rem 2rem; }
dl.tiles > div { display: block; }
.tiles dt { font-size: .82rem; }
#why .tiles dd { font-size: 1.15rem; font-weight: 600; line-height: 1.4; }
table { width: 100%; border-collapse: collapse; margin: 0 0 1rem; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem 1.25rem .45rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; font-size: .82rem; overflow-wrap: normal; }
tr > :last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom: 0; }
.figure { text-align: right; white-space: nowrap; }
.bar { display: block; height: 4px; min-width: 1px; margin: .2rem 0 0 auto; border-radius: 2px; background: var(--bar); }
#phases .figure { min-width: 9rem; }
figure { margin: 0 0 1.25rem; }
figcaption { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; align-items: baseline; margin-bottom: .2rem; font-size: .85rem; color: var(--soft); }
figcaption .name { color: var(--ink); font-weight: 600; margin-right: auto; }
.key { white-space: nowrap; }
.key::before { content: ""; display: inline-block; width: 1.5rem; margin-right: .45rem; vertical-align: .25em; border-top: 2px solid; }
.key.new::before { border-color: var(--new); } .key.old::before { border-color: var(--old); border-top-style: dashed; }
`;

const PLOTS = `
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg.narrow { display: none; max-width: 30rem; }
svg text { font-size: 11.5px; fill: var(--soft); }
svg .value { text-anchor: end; } svg .time { text-anchor: middle; }
svg path { fill: none; }
svg .grid { stroke: var(--line); } svg .axis { stroke: var(--soft); }
svg .new { stroke: var(--new); } svg .old { stroke: var(--old); }
svg .line, svg .step { stroke-width: 2; stroke-linejoin: round; }
svg .old.line, svg .old.step { stroke-dasharray: 5 3; }
svg .line, svg .dots { stroke-linecap: round; }
svg .dots { stroke-width: 4; stroke-opacity: .5; }
svg .moment path { stroke: var(--tone); stroke-opacity: .75; }
svg .moment text { fill: var(--tone); font-weight: 600; }
svg .ends { text-anchor: end; }
`;

const NARROW = `
@media (min-width: 46.01rem), print { .short { white-space: nowrap; } .prosaic tr > :last-child { width: 100%; white-space: normal; } }
@media screen and (max-width: 46rem) {
  body { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.55rem; }
  .sentence { font-size: 1.05rem; }
  svg.wide { display: none; } svg.narrow { display: block; }
  figcaption .name { flex-basis: 100%; }
  dl > div { grid-template-columns: minmax(0, 1fr); }
  dl { gap: .6rem 0; }
  dl.tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .75rem 1rem; }
  #why dl.tiles { grid-template-columns: minmax(0, 1fr); }
  dt { font-size: .82rem; }
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { padding: .65rem 0; border-bottom: 1px solid var(--line); }
  tbody tr:first-child { padding-top: 0; }
  tbody tr:last-child { border-bottom: 0; padding-bottom: 0; }
  td, td.figure { width: auto; padding: .1rem 0; border: 0; text-align: left; white-space: normal; }
  #phases .figure { min-width: 0; }
  td.short { display: inline-block; margin-right: 1.1rem; }
  td:first-child { font-weight: 600; }
  td:empty { display: none; }
  td[data-label]:not([data-label=""])::before { content: attr(data-label) ": "; color: var(--soft); font-size: .82rem; font-weight: 400; }
  .bar { margin-left: 0; }
}
`;

const PAPER = `
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #f2f2f2; --good: #116b38; --bad: #b3261e; --warn: #855000; --plain: #2457a6; --quiet: #444; --bar: #bbb; --new: #cc5500; --old: #0072b2; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  h1 { font-size: 17pt; }
  h2 { font-size: 12pt; margin-bottom: .5rem; }
  .sentence { font-size: 11pt; }
  section { margin-top: 1rem; padding-top: .75rem; }
  figure, tr, dl > div, li, pre { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
  .bar, .key::before, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;

export const STYLE: Markup = { html: [COLOURS, TEXT, FIGURES, PLOTS, NARROW, PAPER].join('') };
