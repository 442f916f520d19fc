/** The look of a report: light and dark, narrow and wide, and on paper. Markup, not text: it holds no value of anybody's. */
import type { Markup } from './markup';

export const STYLE: Markup = {
  html: `
:root {
  --paper: #fff; --ground: #f6f7f9; --ink: #1c2127; --soft: #5b6672; --line: #dfe3e8; --code: #f0f2f5;
  --good: #14713d; --bad: #b3261e; --warn: #8a5300; --plain: #2457a6; --bar: #b9c9e4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #191d22; --ground: #101317; --ink: #e7eaee; --soft: #9aa5b1; --line: #2e353d; --code: #252b32;
    --good: #6fd09a; --bad: #ff8f86; --warn: #f0b65a; --plain: #8fb8ff; --bar: #3a4f70;
  }
}
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--ink); -webkit-text-size-adjust: 100%; }
body { max-width: 70rem; margin: 0 auto; padding: 1.5rem; font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
header, section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.5rem; margin-bottom: 1rem; }
header { border-left: 6px solid var(--tone); }
header.tone-good { --tone: var(--good); } header.tone-bad { --tone: var(--bad); }
header.tone-warn { --tone: var(--warn); } header.tone-plain { --tone: var(--plain); }
.word { margin: 0; color: var(--tone); font-weight: 700; letter-spacing: .06em; text-transform: uppercase; font-size: .85rem; }
h1 { margin: .15rem 0 .4rem; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 .75rem; font-size: 1.15rem; }
h3 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
h2 + h3 { margin-top: 0; }
.sentence { margin: 0 0 1rem; font-size: 1.1rem; overflow-wrap: anywhere; }
p, ul { margin: 0 0 .75rem; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; }
section > :last-child, header > :last-child { margin-bottom: 0; }
dl { margin: 0 0 .75rem; display: grid; gap: .3rem 0; }
dl > div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 0 1rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin: 0 0 .75rem; font-size: .94rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1.25rem .4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; font-size: .85rem; overflow-wrap: normal; }
tr > :last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom: 0; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .88em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--code); border-radius: 4px; padding: .1em .35em; overflow-wrap: anywhere; }
span.tone-good { color: var(--good); font-weight: 600; } span.tone-bad { color: var(--bad); font-weight: 600; }
span.tone-warn { color: var(--warn); font-weight: 600; } span.tone-quiet { color: var(--soft); }
.bar { display: block; height: 4px; min-width: 1px; margin: .2rem 0 0 auto; border-radius: 2px; background: var(--bar); }
@media (min-width: 46.01rem) { .short { white-space: nowrap; } .prosaic tr > :last-child { width: 100%; white-space: normal; } }
#phases .figure { min-width: 9rem; }
@media (max-width: 46rem) {
  body { padding: .75rem; }
  header, section { padding: 1rem; }
  dl > div { grid-template-columns: minmax(0, 1fr); }
  dl { gap: .5rem 0; }
  dt { font-size: .85rem; }
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  tbody tr:first-child { padding-top: 0; }
  tbody tr:last-child { border-bottom: 0; padding-bottom: 0; }
  td, td.figure { width: auto; padding: .1rem 0; border: 0; text-align: left; white-space: normal; }
  #phases .figure { min-width: 0; }
  td:first-child { font-weight: 600; }
  td:empty { display: none; }
  td[data-label]:not([data-label=""])::before { content: attr(data-label) ": "; color: var(--soft); font-size: .85rem; }
  .bar { margin-left: 0; }
}
@media print {
  :root { --paper: #fff; --ground: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #f2f2f2; --good: #14713d; --bad: #b3261e; --warn: #8a5300; --plain: #2457a6; --bar: #bbb; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  header, section { border-radius: 0; border-width: 0 0 1px; padding: .6rem 0; }
  header { border-left-width: 6px; padding-left: .8rem; }
  tr, dl > div, li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
}
`,
};
