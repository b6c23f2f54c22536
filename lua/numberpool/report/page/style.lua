--- The style sheet of a report's page. Its hash is in page/hashes.lua.
-- @module numberpool.report.page.style

local LIGHT = [[
color-scheme:light;--ground:#f4f6f9;--panel:#ffffff;--ink:#161b24;--soft:#566073;--line:#dbe1ea;--track:#e9edf4;
--bar:#2563c9;--second:#0b7d72;--third:#b4540a;--accent:#1d55b3;--note:#fff7e3;--edge:#c78a00;--hover:#eef3fb;
--shade:0 1px 2px rgba(20,30,50,.06),0 4px 16px rgba(20,30,50,.05);]]

local DARK = [[
color-scheme:dark;--ground:#10141b;--panel:#1a202a;--ink:#e9edf4;--soft:#a6b1c2;--line:#323b49;--track:#272f3b;
--bar:#6fa5f7;--second:#3fbfb0;--third:#f0a05a;--accent:#8cb8fb;--note:#2b2413;--edge:#d9a432;--hover:#232b37;
--shade:none;]]

local RULES = [[
*{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);overflow-wrap:anywhere;
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:1180px;margin:0 auto;padding:0 24px}
header{display:flex;gap:16px;align-items:flex-start;justify-content:space-between;padding-top:32px;padding-bottom:20px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:1.05rem;line-height:1.3;margin:0 0 12px}
p{margin:0}
code,.number{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.94em}
.soft,small{color:var(--soft)}
small{font-size:.875rem}
.skip{position:absolute;left:16px;top:-80px;background:var(--panel);color:var(--accent);padding:8px 16px;
border:1px solid var(--line);border-radius:8px;z-index:2}
.skip:focus{top:12px}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;padding:0;border:0;overflow:hidden;clip-path:inset(50%);
white-space:nowrap}
button,select,input{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:8px;
min-height:40px;padding:6px 12px}
button{cursor:pointer;white-space:nowrap}
button:hover:not([aria-disabled=true]){background:var(--hover)}
button[aria-disabled=true]{color:var(--soft);cursor:default;opacity:.65}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:14px;padding:20px;box-shadow:var(--shade)}
.totals{display:grid;gap:16px;grid-template-columns:repeat(4,1fr);margin:0 0 16px;padding:0}
.totals div{display:flex;flex-direction:column-reverse;justify-content:flex-end;padding:16px 20px;gap:2px}
.totals dd{margin:0;font-size:2rem;line-height:1.15;font-weight:650;font-variant-numeric:tabular-nums;
letter-spacing:-.02em}
.totals dt{color:var(--soft);font-size:.9rem}
.mark{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:8px;fill:var(--bar);vertical-align:0}
.notes{border-left:5px solid var(--edge);background:var(--note);margin:0 0 16px}
.notes ul{margin:0;padding-left:20px}
.notes li::first-letter{text-transform:uppercase}
.strip{display:block;width:100%;height:14px;border-radius:7px;margin:0 0 24px;background:var(--track)}
.bar{fill:var(--bar)}.second{fill:var(--second)}.third{fill:var(--third)}.rest{fill:var(--soft)}
.charts{display:grid;gap:16px;grid-template-rows:auto auto 1fr;
grid-template-columns:repeat(2,minmax(0,1fr));margin:0 0 24px}
.wide{grid-column:1/-1}
.tall{grid-row:span 3}
.bars{width:100%;border-collapse:collapse;table-layout:fixed;font-variant-numeric:tabular-nums}
.bars th,.bars td{padding:3px 0;font-weight:400;text-align:left;vertical-align:middle;line-height:1.3}
.bars th{padding-right:12px}
.bars thead th{padding:0;line-height:0}
.bars .label{width:34%}.bars .tally{width:5.2em}.bars .part{width:4.6em}
.bars svg{display:block;width:100%;height:12px;border-radius:6px;background:var(--track)}
.bars .count,.bars .share{text-align:right;padding-left:8px;white-space:nowrap}
.bars .share{color:var(--soft)}
.bars th button{min-height:28px;padding:1px 8px;margin-left:-8px;border-color:transparent;background:none;
color:var(--accent);text-align:left;white-space:normal}
.bars th button:hover{background:var(--hover)}
details,.facts{margin-top:8px}
#left-out{margin:0 0 12px}
.scroll{max-height:22rem;overflow-y:auto;border-top:1px solid var(--line);padding:6px 6px 6px 2px}
summary{cursor:pointer;color:var(--accent);padding:6px 0;width:fit-content}
.columns{display:block;width:100%;height:140px;border-bottom:1px solid var(--line)}
.ends{display:flex;justify-content:space-between;color:var(--soft);font-size:.875rem;padding-top:4px;
font-variant-numeric:tabular-nums}
.tools{display:grid;gap:12px;grid-template-columns:2fr repeat(5,minmax(0,1fr)) auto;margin:0 0 12px;align-items:end}
.tools label{display:grid;gap:4px;font-size:.875rem;color:var(--soft);min-width:0}
.tools input,.tools select{width:100%;min-width:0;color:var(--ink);font-size:1rem}
.state{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center;justify-content:space-between;margin:0 0 8px}
.state span{color:var(--soft)}
.entries{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
.entries th,.entries td{text-align:left;padding:7px 10px;border-bottom:1px solid var(--line)}
.entries th{padding:0;border-bottom-width:2px;white-space:nowrap}
.entries th button,.entries th .head{width:100%;border:0;border-radius:6px;background:none;text-align:left;
font-weight:650;padding:7px 10px;display:block}
.entries th button::after{content:"";display:inline-block;width:1em;margin-left:.3em;color:var(--accent)}
.entries th[aria-sort=ascending] button::after{content:"\25b2"}
.entries th[aria-sort=descending] button::after{content:"\25bc"}
.entries tbody tr:hover{background:var(--hover)}
.pager{display:flex;flex-wrap:wrap;gap:8px;align-items:center;justify-content:flex-end;margin-top:12px}
.pager label{margin-right:auto;color:var(--soft);font-size:.875rem}
.pager select{color:var(--ink);font-size:1rem;margin-left:8px}
footer{color:var(--soft);font-size:.875rem;padding-top:20px;padding-bottom:40px}
@media (max-width:900px){.totals{grid-template-columns:repeat(2,1fr)}
.tools{grid-template-columns:repeat(2,minmax(0,1fr))}.find{grid-column:span 2}}
@media (max-width:760px){
header,main,footer{padding-left:16px;padding-right:16px}
header{padding-top:20px}
h1{font-size:1.4rem}
.panel{padding:16px}
.totals{gap:10px}.totals div{padding:12px 14px}.totals dd{font-size:1.6rem}
.charts{grid-template-columns:minmax(0,1fr);grid-template-rows:none}.tall{grid-row:auto}
.bars{font-size:.94rem}.bars th{padding-right:8px}
.bars .label{width:32%}.bars .tally{width:4.8em}.bars .part{width:4.1em}
.entries,.entries thead,.entries tbody,.entries tr,.entries th,.entries td{display:block}
.entries thead tr{display:flex;flex-wrap:wrap;gap:6px;padding-bottom:10px;border-bottom:2px solid var(--line)}
.entries th{border:0}
.entries th button,.entries th .head{border:1px solid var(--line);border-radius:8px;padding:4px 10px;min-height:36px;
font-weight:500}
.entries th:not([aria-sort]) button::after{content:none}
.entries tbody tr{padding:10px 0;border-bottom:1px solid var(--line);display:flex;flex-wrap:wrap;gap:2px 14px}
.entries td{border:0;padding:0}
.entries td:empty{display:none}
.entries td.number{flex-basis:100%;font-size:1.02rem;font-weight:600}
.entries td:not(.number){color:var(--soft);font-size:.925rem}
.pager{justify-content:space-between}
.pager label{flex-basis:100%}
}
@media print{
:root:root:root{__LIGHT__;--ground:#fff;--shade:none}
body{font-size:11pt}
header,main,footer{max-width:none;padding-left:0;padding-right:0}
.tools,.pager,.skip,#theme,summary{display:none}
.panel{break-inside:avoid;padding:12px}
.scroll{max-height:none}
#entries{break-inside:auto}
.entries tr{break-inside:avoid}
.entries thead{display:table-header-group}
svg,.strip,.mark{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
]]

local function one_line(text)
  return (text:gsub("\n", ""))
end

return ":root{" .. one_line(LIGHT) .. "}\n"
  .. "@media (prefers-color-scheme:dark){:root:not([data-theme=light]){" .. one_line(DARK) .. "}}\n"
  .. ":root[data-theme=dark]{" .. one_line(DARK) .. "}\n"
  .. (RULES:gsub("__LIGHT__;", function()
    return one_line(LIGHT)
  end))
