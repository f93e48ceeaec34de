// SPDX-License-Identifier: Apache-2.0
/* silhouette-audit: which command, and the exit code. */
#include "audits/cli/command.h"
#include "base/fail.h"

#include "silhouette/version.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

static const struct command {
    const char *word;
    char *name; ///< as help shows it
    int (*run)(int argc, char **argv);
} COMMANDS[] = {
    {"verify",   "silhouette-audit verify",   aud_command_verify  },
    {"conform",  "silhouette-audit conform",  aud_command_conform },
    {"game",     "silhouette-audit game",     aud_command_game    },
    {"attack",   "silhouette-audit attack",   aud_command_attack  },
    {"split",    "silhouette-audit split",    aud_command_split   },
    {"selftest", "silhouette-audit selftest", aud_command_selftest},
    {"report",   "silhouette-audit report",   aud_command_report  },
};

enum { N_COMMANDS = sizeof COMMANDS / sizeof COMMANDS[0] };

sil_status aud_command_say(const struct sil_bytes *text, struct sil_error *err)
{
    if (fwrite(text->data, 1, text->length, stdout) != text->length ||
        fflush(stdout) != 0) {
        return sil_fail_errno(err, "cannot write the standard output");
    }
    return SIL_OK;
}

sil_status aud_command_print(const struct aud_findings *findings, bool json,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    SIL_TRY(json ? aud_findings_json(&out, findings, err)
                 : aud_findings_print(&out, findings, err));
    status = aud_command_say(&out, err);

cleanup:
    sil_bytes_clear(&out);
    return status;
}

int aud_command_end(sil_status status, const struct sil_error *err,
                    const struct aud_findings *findings)
{
    if (status == SIL_OK) {
        return (int)aud_findings_status(findings);
    }
    (void)fprintf(stderr, "silhouette-audit: %s\n", err->text);
    return (int)status;
}

static const char USAGE[] =
    "usage: silhouette-audit verify BUNDLE [--ledger-id LID] [--pinned CHECKPOINT]\n"
    "                               [--policy FILE] [--against BUNDLE]...\n"
    "                               [--generator PATH [--seconds N]] [--json]\n"
    "       silhouette-audit conform BUNDLE --data CSV [--disclosure FILE] [--delimiter CHAR]\n"
    "                               [--ledger-id LID] [--pinned CHECKPOINT] [--policy FILE]\n"
    "                               [--against BUNDLE]... [--json]\n"
    "       silhouette-audit selftest [--quick | --long] [--zoo DIR] [--json]\n"
    "       silhouette-audit game --generator CMD --claim E,D [--runs N] [--time T]\n"
    "                               [--white-box] [--json]\n"
    "       silhouette-audit attack --train CSV --holdout CSV --synthetic CSV --out DIR\n"
    "                               [--claim E,D] [...] [--json]\n"
    "       silhouette-audit split --data CSV --out DIR [--delimiter CHAR]\n"
    "       silhouette-audit report DIR|FILE|BUNDLE... --out FILE.html [--key KEY]\n"
    "                               [--fail-on LIMIT[,LIMIT]...] [--ledger-body FILE] [--json]\n"
    "       silhouette-audit COMMAND --help | --help | --version\n";

int main(int argc, char **argv)
{
    argp_err_exit_status = SIL_ERR_USAGE;
    for (int i = 0; argc >= 2 && i < N_COMMANDS; i++) {
        if (strcmp(argv[1], COMMANDS[i].word) == 0) {
            argv[1] = COMMANDS[i].name;
            return COMMANDS[i].run(argc - 1, argv + 1);
        }
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return puts("silhouette-audit " SIL_VERSION) < 0 ? SIL_ERR_IO : SIL_OK;
    }
    bool is_help = argc == 2 && strcmp(argv[1], "--help") == 0;
    (void)fputs(USAGE, is_help ? stdout : stderr);
    return is_help ? SIL_OK : SIL_ERR_USAGE;
}
