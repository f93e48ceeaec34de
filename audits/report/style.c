// SPDX-License-Identifier: Apache-2.0
/* The look of the page. Contrast of text is at least 4.5 to 1 in both schemes, of lines and
 * marks at least 3 to 1; nothing is told by colour alone. */
#include "audits/report/report.h"

static const char *const STYLE[] = {
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1b1c20;--soft:#54575e;--line:#8b8f97;"
    "--rule:#d9dbe0;--panel:#f4f6f8;--mark:#0b5394;--member:#1f6fb2;--other:#8a8f98;"
    "--bad:#9a1c1c;--bad-panel:#fdeeee;--open:#8a3b00;--open-panel:#fff3e6}",
    "@media(prefers-color-scheme:dark){:root{--paper:#14161a;--ink:#e8e9ec;--soft:#b3b6bd;"
    "--line:#7d828b;--rule:#3a3e46;--panel:#1e2127;--mark:#8ab4f8;--member:#6ba4e8;"
    "--other:#9aa0aa;--bad:#ff9d9d;--bad-panel:#351a1a;--open:#ffb77a;--open-panel:#33240f}}",
    "*{box-sizing:border-box}",
    "body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,"
    "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}",
    "header,main,footer{max-width:72rem;margin:0 auto;padding:0 1rem}",
    "header{padding-top:1.5rem}footer{padding-bottom:2rem;color:var(--soft)}",
    "h1{font-size:1.9rem;line-height:1.2;margin:.2em 0;overflow-wrap:anywhere}",
    "h2{font-size:1.35rem;line-height:1.3;margin:2.2em 0 .5em;border-top:2px solid "
    "var(--rule);padding-top:.7em}",
    "header+main section:first-child h2{margin-top:.8em}",
    "h3{font-size:1.05rem;margin:1.4em 0 .2em;overflow-wrap:anywhere}h4{margin:1.4em 0 .2em}",
    "p,ul,dl{margin:.6em 0;max-width:46rem;overflow-wrap:anywhere}li{margin:.35em 0}",
    "a{color:var(--mark)}a:focus-visible,[tabindex]:focus-visible{outline:3px solid "
    "var(--mark);outline-offset:2px}",
    ".skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;"
    "background:var(--paper);padding:.4rem .8rem;z-index:1}",
    ".kind,.aside{color:var(--soft);margin:0;overflow-wrap:anywhere}.aside{font-size:.92rem}",
    "code,pre{font:.9em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;"
    "overflow-wrap:anywhere}pre{white-space:pre-wrap;background:var(--panel);"
    "padding:.6rem .8rem;max-width:none}",
    "nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;"
    "max-width:none}nav a{display:inline-block;min-height:24px;padding:.15rem 0}",
    ".notice{background:var(--open-panel);border-left:6px solid var(--open);"
    "padding:.5rem 1rem;max-width:46rem}",
    ".layers{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,"
    "minmax(min(24rem,100%),1fr))}",
    ".layer{background:var(--panel);border:1px solid var(--rule);border-left:6px solid "
    "var(--line);padding:.6rem 1rem;min-width:0}.layer h3{margin:.1em 0;font-size:.95rem;font-weight:500}"
    ".claim{display:block;font-size:.85rem;color:var(--soft)}"
    ".answers{max-width:46rem;font-size:1.05rem}.answers li{margin:.3em 0}.answers strong{white-space:nowrap}"
    ".answers .bad{color:var(--bad)}.answers .open{color:var(--open)}",
    ".layer.bad{background:var(--bad-panel);border-left-color:var(--bad)}"
    ".layer.open{background:var(--open-panel);border-left-color:var(--open)}"
    ".layer.kept{border-left-color:var(--mark)}.layer.none{border-left-style:dashed}",
    ".verdict{font-size:1.35rem;font-weight:650;margin:.1em 0}"
    ".bad .verdict,.alarm{color:var(--bad);font-weight:650}.open .verdict{color:var(--open)}",
    ".meaning{font-size:1rem;font-weight:400}",
    ".said{quotes:none;font-style:italic;overflow-wrap:anywhere}",
    ".words{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}"
    ".words dt{font-weight:650}.words dd{margin:0}",
    ".scroll{overflow-x:auto;margin:.8rem 0}",
    "table{border-collapse:collapse;font-size:.9rem}",
    "caption{text-align:left;color:var(--soft);padding:.3rem 0;"
    "max-width:min(46rem,calc(100vw - 2rem))}",
    "th,td{text-align:left;vertical-align:top;padding:.32rem .9rem .32rem 0;"
    "border-bottom:1px solid var(--rule);overflow-wrap:break-word;min-width:4.5rem}.x,tbody th{overflow-wrap:anywhere}.x{min-width:15rem}"
    ".w{white-space:nowrap}",
    "thead th{border-bottom:2px solid var(--line);overflow-wrap:normal}"
    "tbody th{font-weight:500;min-width:8rem}",
    ".n{text-align:right;font-variant-numeric:tabular-nums}",
    "td code{display:inline-block;min-width:16rem}",
    ".cards{display:grid;gap:1.1rem;grid-template-columns:repeat(auto-fill,"
    "minmax(min(18rem,100%),1fr))}.cards figure{margin:0;border:1px solid var(--rule);"
    "padding:.6rem .7rem;min-width:0;break-inside:avoid}",
    "figure{margin:1rem 0}figcaption{font-size:.9rem;color:var(--soft);max-width:46rem;"
    "overflow-wrap:anywhere}",
    "svg{display:block;width:100%;height:auto;max-width:46rem}"
    "svg text{font:11px system-ui,sans-serif;fill:var(--ink)}"
    ".grid{stroke:var(--rule);fill:none}.axis{stroke:var(--ink);fill:none}",
    "rect.member,circle.member{fill:var(--member)}rect.other{fill:url(#hatch);"
    "stroke:var(--other)}",
    ".whisker{stroke:var(--ink);stroke-width:1.5;fill:none}",
    ".curve{fill:none;stroke:var(--member);stroke-width:2}"
    ".curve.few{stroke-width:1.2;stroke-dasharray:4 3;stroke:var(--ink)}",
    ".chance{fill:none;stroke:var(--line);stroke-width:1.4;stroke-dasharray:7 4}"
    ".ceiling{fill:none;stroke:var(--bad);stroke-width:1.6;stroke-dasharray:2 3}",
    ".stripe{stroke:var(--other);stroke-width:2.4}",
    ".key{border-bottom:4px solid var(--member)}.key.other{border-bottom:4px double "
    "var(--other)}",
    "@media(max-width:40rem){h1{font-size:1.5rem}.words{grid-template-columns:1fr}"
    ".words dd{margin-bottom:.5rem}.scroll table{min-width:46rem}}",
    "@media print{:root{font-size:9pt;--paper:#fff;--ink:#000;--soft:#444;--line:#777;"
    "--rule:#bbb;--panel:#fff;--mark:#0b5394;--member:#1f6fb2;--other:#777;--bad:#8a1010;"
    "--bad-panel:#fff;--open:#7a3300;--open-panel:#fff}@page{margin:15mm}"
    "header,main,footer{max-width:none;padding:0}nav,.skip{display:none}"
    "h2,h3,h4,caption{break-after:avoid}tr,figure,.layer,.notice{break-inside:avoid}"
    "thead{display:table-header-group}.scroll{overflow:visible}table{font-size:7.5pt}"
    "th,td{min-width:0;padding-right:.5rem}tbody th{min-width:6rem}.x{min-width:9rem}td code{min-width:0}"
    ".layers{grid-template-columns:1fr 1fr}.cards{grid-template-columns:repeat(3,1fr)}"
    "rect,circle{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    "a{color:inherit;text-decoration:none}}"};

void aud_page_style(struct aud_page *page)
{
    for (size_t i = 0; i < sizeof STYLE / sizeof STYLE[0]; i++) {
        aud_page_markup(page, STYLE[i]);
    }
}
