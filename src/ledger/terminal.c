// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE // NOLINT(readability-identifier-naming): ppoll
#include "base/fail.h"
#include "ledger/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* What may end or stop us at the question. Each is kept until the terminal is as it was,
 * and then raised again, so that whoever had a handler for it (outputs to abandon) gets it. */
static const int SIGNALS[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
                              SIGTSTP, SIGTTIN, SIGTTOU};

/* The last two are the terminal's answer to a job in the background, which it gives only
 * where they are not blocked. The others come at any time: they are blocked but in the wait
 * for a key, so that none falls between a look at `caught` and that wait. */
enum { N_SIGNALS = sizeof SIGNALS / sizeof SIGNALS[0], N_BLOCKED = N_SIGNALS - 2 };

static volatile sig_atomic_t caught;

struct before {
    struct sigaction action[N_SIGNALS];
    sigset_t mask;
};

static void keep(int signal)
{
    caught = signal;
}

static void hold_signals(struct before *before)
{
    struct sigaction action = {.sa_handler = keep}; /* no SA_RESTART: read must end */
    sigset_t blocked;
    (void)sigemptyset(&blocked);
    for (size_t i = 0; i < N_BLOCKED; i++) {
        (void)sigaddset(&blocked, SIGNALS[i]);
    }
    (void)pthread_sigmask(SIG_BLOCK, &blocked, &before->mask);
    (void)sigemptyset(&action.sa_mask);
    caught = 0;
    for (size_t i = 0; i < N_SIGNALS; i++) {
        (void)sigaction(SIGNALS[i], &action, &before->action[i]);
    }
}

static void release_signals(const struct before *before)
{
    for (size_t i = 0; i < N_SIGNALS; i++) {
        (void)sigaction(SIGNALS[i], &before->action[i], NULL);
    }
    if (caught != 0) {
        (void)raise(caught);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before->mask, NULL);
}

static void say(int terminal, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t n = write(terminal, text, length);
        if (n <= 0) {
            return;
        }
        text += n;
        length -= (size_t)n;
    }
}

enum answer { ANSWERED, NOTHING, TOO_LONG, INTERRUPTED };

/* The next byte; '\n' at the end of the input. False: an error, or a signal was caught. */
static bool next_byte(int terminal, const sigset_t *mask, char *c)
{
    struct pollfd key = {.fd = terminal, .events = POLLIN};
    ssize_t n;
    do {
        n = ppoll(&key, 1, NULL, mask);
        if (n > 0) {
            n = read(terminal, c, 1);
            *c = n == 0 ? '\n' : *c;
        }
    } while (n < 0 && errno == EINTR && caught == 0);
    return n >= 0;
}

/* One line. All of it is taken from the terminal even when it is too long: the rest of a
 * passphrase must not end up in the next program's command line. */
static enum answer read_line(int terminal, const sigset_t *mask, char *line)
{
    size_t length = 0;
    char c = '\0';
    while (next_byte(terminal, mask, &c)) {
        if (c == '\n') {
            line[length < SIL_PASSPHRASE_MAX ? length : SIL_PASSPHRASE_MAX] = '\0';
            return length == 0 ? NOTHING
                               : (length > SIL_PASSPHRASE_MAX ? TOO_LONG : ANSWERED);
        }
        if (length < SIL_PASSPHRASE_MAX) {
            line[length] = c;
        }
        length++;
    }
    return caught != 0 ? INTERRUPTED : NOTHING;
}

static enum answer ask_once(int terminal, char *line, const char *question)
{
    struct before before;
    struct termios echoing;
    enum answer answer = NOTHING;

    hold_signals(&before);
    if (tcgetattr(terminal, &echoing) == 0) {
        struct termios silent = echoing;
        silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
        say(terminal, question);
        if (tcsetattr(terminal, TCSAFLUSH, &silent) == 0) {
            answer = read_line(terminal, &before.mask, line);
            (void)tcsetattr(terminal, TCSAFLUSH, &echoing);
        } else if (caught != 0) {
            answer = INTERRUPTED;
        }
        say(terminal, "\n");
    }
    release_signals(&before);
    return answer;
}

static bool was_stopped(void)
{
    return caught == SIGTSTP || caught == SIGTTIN || caught == SIGTTOU;
}

sil_status sil_terminal_ask(char *line, const char *question, struct sil_error *err)
{
    enum answer answer;
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "there is no terminal to ask for the passphrase on; give it in "
                        "a file that you alone can read (--passphrase-file FILE)");
    }
    do {
        answer = ask_once(terminal, line, question);
    } while (answer == INTERRUPTED && was_stopped());
    (void)close(terminal);
    switch (answer) {
    case ANSWERED: return SIL_OK;
    case NOTHING: return sil_fail(err, SIL_ERR_INPUT, "no passphrase was given");
    case TOO_LONG:
        return sil_fail(err, SIL_ERR_INPUT,
                        "the passphrase is too long: it may have %d bytes",
                        SIL_PASSPHRASE_MAX);
    case INTERRUPTED: break;
    }
    return sil_fail(err, SIL_ERR_INPUT, "interrupted at the passphrase");
}
