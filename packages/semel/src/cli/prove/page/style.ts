/** The page's looks, light and dark; colours never say anything alone. */
export const STYLE: string = `
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--faint:#5c6670;--line:#d5dae0;--lane:#f3f5f7;--good:#116b35;--bad:#b3151f;--warn:#8a5300;--stop:#b3761240;
--c0:#2f6fd0;--c1:#a8480c;--c2:#0d7f6f;--c3:#8a3fb0;--c4:#6b6b00;--c5:#b01f6a}
@media (prefers-color-scheme:dark){:root{--back:#14181d;--text:#e6e9ed;--faint:#9aa5b1;--line:#333c46;--lane:#1c2229;--good:#5fce8b;--bad:#ff7b80;--warn:#f0b455;--stop:#f0b45540;
--c0:#74a9ff;--c1:#f0935a;--c2:#4fcdb8;--c3:#cf95ee;--c4:#cfcf52;--c5:#ff86bd}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:72rem;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2.25rem 0 .5rem}h3{font-size:1rem;margin:0 0 .25rem}h4{font-size:.9rem;margin:.75rem 0 .25rem;color:var(--faint)}
code{font-size:.9em;padding:0 .2em;border-radius:3px;background:var(--lane)}
p{margin:.5rem 0;max-width:60rem}a{color:inherit}
.faint,.pid,li i{color:var(--faint);fill:var(--faint)}
.verdict{display:inline-block;padding:0 .6rem;border-radius:1rem;border:2px solid currentColor;font-size:1.1rem;vertical-align:.1em}
.good,.proven{color:var(--good)}.bad,.refuted{color:var(--bad)}.inconclusive{color:var(--warn)}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .9rem .2rem 0;text-align:left;border-bottom:1px solid var(--line)}th{font-size:.85rem;color:var(--faint);font-weight:600}
td.number,th.number{text-align:right;white-space:nowrap}
.violation{border-left:4px solid var(--bad);padding:.1rem 0 .1rem 1rem;margin:1rem 0}
.trial{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;padding:0 1rem}
summary{cursor:pointer;padding:.55rem 0}summary:focus-visible,a:focus-visible,.scroll:focus-visible{outline:3px solid var(--c0);outline-offset:2px}
.scroll{overflow-x:auto;padding:.25rem 0}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:0 2rem;font-size:.9rem;padding-bottom:.75rem}
ol{margin:.25rem 0;padding-left:2rem}li i{display:inline-block;min-width:4.5rem;font-style:normal;font-variant-numeric:tabular-nums}
.message-story summary{padding:.15rem 0}.chip{display:inline-block;width:.8rem;height:.8rem;border-radius:3px;margin-right:.5rem;background:currentColor}
.c0{color:var(--c0)}.c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}.c4{color:var(--c4)}.c5{color:var(--c5)}
svg{display:block;font:12px system-ui,sans-serif}svg text{fill:var(--text)}svg text.pid{fill:var(--faint);font-size:10px}.who{font-weight:600}
.lane{fill:var(--lane)}.bar{fill:currentColor;opacity:.28}.run{fill:currentColor;opacity:.45}.step{fill:currentColor}.commit{fill:currentColor}
.answer{fill:none;stroke:currentColor;stroke-width:2.5}.stop{fill:var(--stop)}svg text.stopped{fill:var(--warn);font-weight:600}
.end{stroke:var(--bad);stroke-dasharray:3 3}.kill{stroke:var(--bad);stroke-width:3}svg text.killed{fill:var(--bad);font-weight:600}
.one a.message:not(.shown){opacity:.15}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;font-size:.85rem;color:var(--faint);align-items:center}.legend svg{display:inline;vertical-align:-3px}
@media print{.trial{break-inside:avoid}}
`.trim();

/** A click on a message opens its story, and leaves the others pale; without scripts the links still lead there. */
export const SCRIPT: string = `
addEventListener('click',event=>{
  const link=event.target.closest('a.message');
  if(!link)return;
  event.preventDefault();
  const story=document.getElementById(link.getAttribute('href').slice(1));
  story.open=!story.open;
});
addEventListener('toggle',event=>{
  const story=event.target;
  if(!story.matches('.message-story'))return;
  const trial=story.closest('.trial'),shown=[...trial.querySelectorAll('.message-story[open]')].map(one=>one.dataset.message);
  trial.classList.toggle('one',shown.length>0);
  for(const link of trial.querySelectorAll('a.message'))link.classList.toggle('shown',shown.includes(link.dataset.message));
},true);
const open=()=>{const found=document.getElementById(location.hash.slice(1));if(found?.matches('details'))found.open=true};
addEventListener('hashchange',open);open();
`.trim();
