// SPDX-License-Identifier: Apache-2.0
/* The look of datasheet.html. Contrast of text is at least 4.5 to 1 in both schemes, of
 * lines and marks at least 3 to 1; nothing is told by colour alone. */
#include "base/fail.h"
#include "release/datasheet_html.h"

#include <string.h>

static const char *const STYLE[] = {
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1b1c20;--soft:#54575e;"
    "--line:#8b8f97;--rule:#d9dbe0;--panel:#f4f6f8;--mark:#0b5394;--bar:#5a8ec6;--warn:#8a3b00;"
    "--warn-panel:#fff3e6}",
    "@media(prefers-color-scheme:dark){:root{--paper:#14161a;--ink:#e8e9ec;"
    "--soft:#b3b6bd;--line:#7d828b;--rule:#3a3e46;--panel:#1e2127;--mark:#8ab4f8;--bar:#4f7cc0;"
    "--warn:#ffb77a;--warn-panel:#33240f}}",
    "*{box-sizing:border-box}",
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:1rem/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',"
    "Arial,sans-serif}",
    "header,main,footer{max-width:64rem;margin:0 auto;padding:0 1rem}",
    "header{padding-top:1.5rem}footer{padding-bottom:2rem;color:var(--soft)}",
    "h1{font-size:1.9rem;line-height:1.2;margin:.2em 0;overflow-wrap:anywhere}",
    "h2{font-size:1.35rem;line-height:1.3;margin:2.2em 0 .5em;"
    "border-top:2px solid var(--rule);padding-top:.7em}",
    "h3{font-size:1rem;margin:0 0 .2em;overflow-wrap:anywhere}",
    "p,ul,ol,dl{margin:.6em 0;max-width:46rem}li{margin:.25em 0}",
    "a{color:var(--mark)}a:focus-visible,summary:focus-visible,"
    "[tabindex]:focus-visible{outline:3px solid var(--mark);outline-offset:2px}",
    ".skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;"
    "background:var(--paper);padding:.4rem .8rem;z-index:1}",
    ".kind{color:var(--soft);margin:0}",
    "code{font:.92em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;"
    "overflow-wrap:anywhere}",
    "nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;"
    "max-width:none}nav a{display:inline-block;padding:.15rem 0;min-height:24px}",
    ".claim{background:var(--panel);border:1px solid var(--rule);"
    "border-left:6px solid var(--mark);padding:.8rem 1.2rem;margin-top:1rem}",
    ".claim h2{border:0;padding:0;margin:.2em 0 .4em}.lead{font-size:1.15rem}",
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(12.5rem,1fr));"
    "gap:.8rem 1.5rem;margin:1rem 0;max-width:none}",
    ".figures div{border-top:3px solid var(--mark);padding-top:.35rem}",
    ".figures dt{color:var(--soft)}.figures dd{margin:0}",
    ".big{font-size:1.75rem;line-height:1.25;font-weight:650;display:block;"
    "font-variant-numeric:tabular-nums}",
    ".warn{background:var(--warn-panel);border-left:6px solid var(--warn);"
    "padding:.5rem 1rem;max-width:46rem}.warn strong{color:var(--warn)}",
    ".scroll{overflow-x:auto;margin:.8rem 0}",
    "table{border-collapse:collapse;font-size:.93rem}",
    "caption{text-align:left;color:var(--soft);padding:.3rem 0;max-width:min(46rem,calc(100vw - 2rem))}",
    "th,td{text-align:left;vertical-align:top;padding:.32rem .9rem .32rem 0;"
    "border-bottom:1px solid var(--rule);overflow-wrap:break-word}",
    "thead th{border-bottom:2px solid var(--line)}",
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}",
    ".wide{width:100%}.sheet tbody th{width:13rem}.sheet .cite{width:9rem}",
    ".cite{color:var(--soft);font-size:.86rem;white-space:normal;width:9rem}",
    ".name{overflow-wrap:anywhere;min-width:7rem}",
    ".cards{display:grid;gap:1.1rem;"
    "grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr))}",
    ".cards figure{margin:0;border:1px solid var(--rule);padding:.7rem .8rem;"
    "break-inside:avoid;min-width:0}",
    "figcaption{font-size:.88rem;color:var(--soft)}",
    "svg{display:block;width:100%;height:auto;max-width:46rem}figure{margin:1rem 0}",
    ".bar{fill:var(--bar)}.hatch{fill:url(#hatch);stroke:var(--mark)}",
    ".past{fill:var(--line);stroke:var(--paper)}.edge{stroke:var(--line);fill:none}",
    ".whisker{stroke:var(--ink);stroke-width:3;fill:none}",
    ".cap{stroke:var(--warn);stroke-width:3;stroke-dasharray:10 6;fill:none}",
    ".stripe{stroke:var(--mark);stroke-width:3}",
    "summary{cursor:pointer;padding:.2rem 0;min-height:24px;color:var(--mark)}",
    ".heat td,.heat thead th{text-align:center;padding:.25rem .3rem;min-width:2.1rem;"
    "font-variant-numeric:tabular-nums;border:1px solid var(--paper)}",
    ".heat tbody th{white-space:nowrap;padding:.25rem .6rem .25rem 0;font-weight:400;"
    "max-width:14rem;overflow:hidden;text-overflow:ellipsis}",
    ".heat td{-webkit-print-color-adjust:exact;print-color-adjust:exact}",
    ".h0{background:#f7fbff;color:#1b1c20}.h1{background:#e3eef9;color:#1b1c20}",
    ".h2{background:#cfe1f2;color:#1b1c20}.h3{background:#b5d4e9;color:#1b1c20}",
    ".h4{background:#93c3df;color:#1b1c20}.h5{background:#6daed5;color:#1b1c20}",
    ".h6{background:#2f72ad;color:#fff}.h7{background:#23639f;color:#fff}",
    ".h8{background:#16528d;color:#fff}.h9{background:#0b3f78;color:#fff}",
    ".h10{background:#08306b;color:#fff}",
    "@media(max-width:40rem){.sheet,.sheet tbody,.sheet tr,.sheet th,.sheet td"
    "{display:block;width:auto}.sheet caption{display:block}.sheet thead{display:none}"
    ".sheet tbody th{width:auto;border:0;"
    "padding-bottom:0}.sheet td{border:0;padding:.1rem 0}.sheet tr{"
    "border-bottom:1px solid var(--rule);padding:.4rem 0}h1{font-size:1.5rem}",
    ".claim{padding:.6rem .8rem}}",
    "@media print{:root{font-size:9pt;--paper:#fff;--ink:#000;--soft:#444;--line:#777;"
    "--rule:#bbb;--panel:#fff;--mark:#0b5394;--warn:#7a3300;--warn-panel:#fff}",
    "@page{margin:16mm}header,main,footer{max-width:none;"
    "padding:0}nav,.skip,summary{display:none}h2,h3,caption{break-after:avoid}",
    "tr,figure,.claim,.warn{break-inside:avoid}thead{display:table-header-group}",
    ".scroll{overflow:visible}.heat{font-size:7pt}.heat td,.heat thead th{"
    "padding:.1rem;min-width:0}",
    ".cards{grid-template-columns:repeat(3,1fr);gap:.5rem}",
    ".cards figure{padding:.4rem}a{color:inherit;text-decoration:none}}",
};

sil_status sil_html_style(struct sil_bytes *out, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < sizeof STYLE / sizeof STYLE[0]; i++) {
        SIL_TRY(sil_bytes_append(out, STYLE[i], strlen(STYLE[i]), err));
    }
cleanup:
    return status;
}
