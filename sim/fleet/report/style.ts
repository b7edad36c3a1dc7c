/** The look of the page: the viewer's colours, by day and by night, and on paper. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f5f6f4;--paper:#fff;--ink:#1b2326;--soft:#55636a;--line:#dbe0de;--first:#1d4e5f;--second:#a35c00;--third:#a3261f;--wash:#e6eff1;--bad:#a3261f;--bad-wash:#fbeae8;--good:#1c6b45;font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;background:var(--ground);color:var(--ink)}
@media (prefers-color-scheme:dark){:root{--ground:#12181a;--paper:#1a2225;--ink:#e6ecec;--soft:#a3b1b5;--line:#334045;--first:#7fc1d3;--second:#e6b566;--third:#f3968f;--wash:#1f343b;--bad:#f3968f;--bad-wash:#331a19;--good:#7fd0a3}}
*{box-sizing:border-box}
body{margin:0}
main,header,footer{max-width:1080px;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
h1{font-size:1.9rem;line-height:1.2;letter-spacing:-.02em;margin:0 0 .35rem}
h2{font-size:1.25rem;letter-spacing:-.01em;margin:0 0 .25rem}
h3{font-size:.95rem;margin:0 0 .4rem}
p{margin:0 0 .8rem;max-width:70ch;overflow-wrap:anywhere}
.soft{color:var(--soft)}
section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:1.25rem 1.4rem 1.4rem;margin:1.1rem 0}
section>p:first-of-type{color:var(--soft)}
.answer{background:var(--wash);border-color:transparent;padding:1.5rem 1.6rem}
.answer .said{font-size:1.6rem;line-height:1.3;letter-spacing:-.015em;font-weight:600;margin:.1rem 0 .6rem;color:var(--ink);max-width:32em}
.answer p:last-child{margin-bottom:0}
.answer.bad{background:var(--bad-wash)}
.label{font-size:.8rem;font-weight:600;color:var(--soft)}
dl.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden;margin:1.1rem 0}
dl.figures>div{background:var(--paper);padding:.9rem 1.1rem 1rem;display:flex;flex-direction:column}
dl.figures dt{font-size:.85rem;color:var(--soft)}
dl.figures dd{margin:0}
dl.figures .value{font-size:1.65rem;font-weight:600;letter-spacing:-.02em;line-height:1.35;font-variant-numeric:tabular-nums}
dl.figures .value.bad{color:var(--bad)}
dl.figures .note{overflow-wrap:anywhere;font-size:.8rem;color:var(--soft)}
.plot{margin:.9rem 0 .4rem}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;justify-content:space-between;font-size:.85rem;color:var(--soft);margin-bottom:.7rem}
.legend ul{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:0;padding:0}
.legend li{display:flex;align-items:center;gap:.45rem;color:var(--ink)}
.key{width:28px;height:8px;flex:none}
.frame{position:relative;padding-left:3.4rem;height:13rem}
.small .frame{height:8rem}
.drawing{display:block;width:100%;height:100%;overflow:visible}
.ticks span{position:absolute;left:0;width:2.8rem;text-align:right;transform:translateY(-50%);font-size:.78rem;line-height:1;color:var(--soft);font-variant-numeric:tabular-nums}
.ends{display:flex;justify-content:space-between;gap:1rem;padding:.45rem 0 0 3.4rem;font-size:.78rem;color:var(--soft)}
.grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke;fill:none}
.line{fill:none;stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.line.first{stroke:var(--first)}
.line.second{stroke:var(--second);stroke-dasharray:7 4}
.line.third{stroke:var(--third);stroke-dasharray:2 3}
.column,.fill.first{fill:var(--first)}
.fill.second{fill:var(--second)}
.fill.third{fill:var(--third)}
.shade{fill:var(--line);opacity:.55}
.track{fill:var(--line);opacity:.45}
.bar{display:block;width:100%;height:.6rem;border-radius:3px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:.4rem 2rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
caption{text-align:left;color:var(--soft);font-size:.85rem;padding-bottom:.4rem}
th,td{text-align:right;padding:.42rem .7rem;border-bottom:1px solid var(--line);vertical-align:middle;white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.82rem;color:var(--soft);font-weight:600}
tbody th{font-weight:400}
td.wide{width:34%;min-width:5rem}
table.facts th,table.facts td{text-align:left;white-space:normal;vertical-align:top;overflow-wrap:anywhere}
table.facts th{width:34%;color:var(--soft);overflow-wrap:normal}
tbody tr:last-child>*{border-bottom:0}
table.narrow{max-width:30rem}
table.narrow th{white-space:normal}
details{margin-top:.8rem}
summary{cursor:pointer;color:var(--first);font-size:.9rem;padding:.3rem 0;width:fit-content}
summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--first);outline-offset:2px;border-radius:3px}
section ul{margin:.2rem 0 0;padding-left:1.2rem;max-width:72ch}
section li{margin:.25rem 0}
.legend li{margin:0}
footer{padding-bottom:3rem;font-size:.85rem;color:var(--soft)}
@media (max-width:640px){section{padding:1rem 1rem 1.1rem}main,header,footer{padding-left:.75rem;padding-right:.75rem}.answer .said{font-size:1.3rem}h1{font-size:1.55rem}td.wide{display:none}th.wide{display:none}dl.figures{grid-template-columns:repeat(2,minmax(0,1fr))}dl.figures>div:last-child:nth-child(odd){grid-column:1/-1}dl.figures>div{padding:.7rem .8rem}dl.figures .value{font-size:1.35rem}th,td{padding:.42rem .4rem}}
@media print{section,dl.figures{break-inside:avoid}details{display:none}}
`;
