/** Looks and the few lines of script. Both are constant, and the page admits nothing else: their hashes stand in its policy. */

export const COLOURS = {
  light: {
    page: '#ffffff',
    sheet: '#f6f8fa',
    ink: '#1b1f24',
    quiet: '#4d5661',
    edge: '#c4ccd5',
    link: '#0550ae',
    ok: '#116329',
    faulty: '#b3141c',
    unknown: '#7a4b00',
    'ok-soft': '#dff3e4',
    'faulty-soft': '#ffe6e6',
    'unknown-soft': '#fdf1d3',
  },
  dark: {
    page: '#0f1419',
    sheet: '#182027',
    ink: '#e6edf3',
    quiet: '#a3adb8',
    edge: '#3b4651',
    link: '#79b8ff',
    ok: '#56d364',
    faulty: '#ff8f87',
    unknown: '#e3b341',
    'ok-soft': '#12301b',
    'faulty-soft': '#42191b',
    'unknown-soft': '#372a0c',
  },
} as const;

type Palette = Readonly<Record<keyof typeof COLOURS.light, string>>;

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
}

export const STYLE = `
:root{color-scheme:light dark;${variables(COLOURS.light)}}
@media (prefers-color-scheme:dark){:root{${variables(COLOURS.dark)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:64rem;margin:0 auto;padding:1rem}
main{padding-top:0}
h1{font-size:1.5rem;line-height:1.3;margin:.5rem 0}
h2{font-size:1.2rem;margin:2.25rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--edge)}
h3{font-size:1.05rem;margin:0 0 .5rem}
h4{font-size:1rem;margin:1rem 0 .25rem}
p{margin:.5rem 0}
a{color:var(--link)}
ul,ol{margin:.25rem 0;padding-left:1.4rem}
li{margin:.25rem 0}
code,pre{font:.875rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:.25rem 0;padding:.6rem .75rem;overflow-x:auto;overflow-wrap:normal;background:var(--sheet);border:1px solid var(--edge);border-radius:6px;max-width:100%}
summary{cursor:pointer;padding:.15rem 0}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.quiet{color:var(--quiet)}
.ok{color:var(--ok)}.faulty{color:var(--faulty)}.unknown{color:var(--unknown)}.not-applicable{color:var(--quiet)}
.state{font-weight:600;white-space:nowrap}
.verdict{border-left:6px solid currentColor;padding-left:.9rem}
.verdict h1{color:var(--ink)}
.facts{display:flex;flex-wrap:wrap;gap:.15rem 1.25rem;margin:.5rem 0;padding:0;list-style:none;color:var(--quiet)}
.facts li{margin:0}
.command{position:relative}
.command pre{padding-right:.75rem}
button{font:inherit;font-size:.8125rem;color:var(--ink);background:var(--page);border:1px solid var(--quiet);border-radius:6px;padding:.2rem .6rem;cursor:pointer}
.command button{margin:.1rem 0 .5rem}
.diff ins{color:var(--ok);text-decoration:none}.diff del{color:var(--faulty);text-decoration:none}
.finding{border:1px solid var(--edge);border-radius:8px;padding:1rem;margin:1rem 0}
.finding.cause{border-color:var(--faulty);border-width:2px}
ul.proofs{list-style:none;padding-left:0}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--quiet);padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--edge)}
th{font-weight:600}
.ladder th[scope=row]{white-space:nowrap}
.picture svg{display:block;width:100%;height:auto}
.picture .narrow{display:none}
.box{fill:var(--page);stroke:var(--edge);stroke-width:1.5}
.box.ok{stroke:var(--ok);fill:var(--ok-soft)}
.box.faulty{stroke:var(--faulty);stroke-width:3;fill:var(--faulty-soft)}
.box.unknown{stroke:var(--unknown);stroke-dasharray:5 4;fill:var(--unknown-soft)}
.box.not-applicable{stroke-dasharray:2 4}
.frame{fill:none;stroke:var(--quiet);stroke-dasharray:3 5}
.way{fill:none;stroke:var(--quiet);stroke-width:2}
.way.ok{stroke:var(--ok)}.way.faulty{stroke:var(--faulty);stroke-dasharray:7 5;stroke-width:3}.way.unknown{stroke:var(--unknown);stroke-dasharray:2 5}
.picture text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--ink)}
.picture .name{font-weight:700}
.picture .quiet{fill:var(--quiet)}
.picture text.ok{fill:var(--ok)}.picture text.faulty{fill:var(--faulty);font-weight:700}.picture text.unknown{fill:var(--unknown)}
.waterfall{table-layout:fixed}
.waterfall .when{width:9.5rem;font-variant-numeric:tabular-nums;white-space:nowrap}
.waterfall .bar{width:32%}
.waterfall svg{display:block;width:100%;height:.9rem;background:var(--sheet);margin-top:.3rem}
rect.read{fill:var(--link)}rect.container{fill:var(--quiet)}rect.probe-ok{fill:var(--ok)}rect.probe-faulty{fill:var(--faulty)}rect.probe-unknown{fill:var(--unknown)}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:44rem){
.picture .wide{display:none}.picture .narrow{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,caption{display:block}
td,th{display:block;width:auto;border:0;padding:.1rem 0}
tr{border-bottom:1px solid var(--edge);padding:.5rem 0}
.waterfall .when,.waterfall .bar{width:auto}
.ladder th[scope=row],.ladder th+td{display:inline-block;padding-right:.75rem}
}
@media print{
:root{color-scheme:light;${variables(COLOURS.light)}}
body{font-size:11pt}button{display:none}pre{white-space:pre-wrap;overflow-wrap:anywhere}
header,main,footer{max-width:none;padding:0}
.finding,tr,.picture{break-inside:avoid}
details::details-content{content-visibility:visible;display:block}
}
`;

/** Copy buttons, which are hidden without a script, and everything unfolded on paper. */
export const SCRIPT = `
const said=document.getElementById('said');
for(const button of document.querySelectorAll('button.copy')){
button.hidden=false;
button.addEventListener('click',async()=>{
const code=button.closest('.command').querySelector('code');
let done=true;
try{await navigator.clipboard.writeText(code.textContent)}
catch{
const range=document.createRange();range.selectNodeContents(code);
const selection=getSelection();selection.removeAllRanges();selection.addRange(range);
done=document.execCommand('copy');
}
said.textContent=done?'Copied.':'Selected: copy it with the keyboard.';
button.textContent=done?'Copied':'Selected';
setTimeout(()=>{button.textContent='Copy'},2000);
});
}
const folds=[...document.querySelectorAll('details')];
const all=document.getElementById('unfold');
all.hidden=false;
all.addEventListener('click',()=>{
const open=folds.some((fold)=>!fold.open);
for(const fold of folds)fold.open=open;
all.textContent=open?'Fold everything':'Unfold everything';
});
let closed=[];
addEventListener('beforeprint',()=>{closed=folds.filter((fold)=>!fold.open);for(const fold of closed)fold.open=true});
addEventListener('afterprint',()=>{for(const fold of closed)fold.open=false});
`;

/** SHA-256 of the two, base64; a test computes them again. */
export const STYLE_HASH = 'sha256-nOaGhSTAw7UCcefZHqP6PaMlKVIW1sqRORvMuZY281M=';
export const SCRIPT_HASH = 'sha256-wjY2jbTyW9p9pXkCWMGKLNz0aUW3BL47AyaAn9UGRns=';
