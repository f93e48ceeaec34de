# SPDX-License-Identifier: Apache-2.0
# Completion of silhouette for bash; made by `silhouette completion bash`.
_silhouette()
{
    local word="${COMP_WORDS[COMP_CWORD]}" option="" command
    COMPREPLY=()
    if [ "$word" = "=" ]; then
        word="" option="${COMP_WORDS[COMP_CWORD - 1]}"
    elif [ "${COMP_WORDS[COMP_CWORD - 1]}" = "=" ]; then
        option="${COMP_WORDS[COMP_CWORD - 2]}"
    else
        option="${COMP_WORDS[COMP_CWORD - 1]}"
    fi
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W 'synth fit sample plan inspect simulate schema help --help --version' -- "$word"))
        return
    fi
    command="${COMP_WORDS[1]}"
    if [ "$command" = schema ]; then
        if [ "$COMP_CWORD" -eq 2 ]; then
            COMPREPLY=($(compgen -W 'check draft import encode' -- "$word"))
            return
        fi
        command="schema ${COMP_WORDS[2]}"
    fi
    case "$option" in
        --neighbours) COMPREPLY=($(compgen -W 'add-remove replace-one' -- "$word")); return ;;
        --mechanism) COMPREPLY=($(compgen -W 'aim mst independent' -- "$word")); return ;;
    esac
    if [[ "$word" != -* ]]; then
        COMPREPLY=($(compgen -f -- "$word"))
        return
    fi
    case "$command" in
        'synth') option=' --data= --schema= --delimiter= --ignore-extra-columns --epsilon= --delta= --neighbours= --no-ledger --mechanism= --workload= --max-cells= --max-model-mb= --threads= --rows= --seed= --out= --model-out= --help --version --quiet --json' ;;
        'fit') option=' --data= --schema= --delimiter= --ignore-extra-columns --epsilon= --delta= --neighbours= --no-ledger --mechanism= --workload= --max-cells= --max-model-mb= --threads= --out= --help --version --quiet --json' ;;
        'sample') option=' --model= --rows= --seed= --threads= --out= --delimiter= --help --version --quiet --json' ;;
        'plan') option=' --schema= --epsilon= --delta= --neighbours= --rows-guess= --target-error= --mechanism= --workload= --max-cells= --max-model-mb= --threads= --out= --help --version --quiet --json' ;;
        'inspect') option=' --out= --help --version --quiet --json' ;;
        'simulate') option=' --rows= --seed= --out= --help --version --quiet --json' ;;
        'schema check') option=' --data= --limit= --delimiter= --ignore-extra-columns --out= --help --version --quiet --json' ;;
        'schema draft') option=' --look --delimiter= --out= --help --version --quiet --json' ;;
        'schema import') option=' --mbi= --out= --help --version --quiet --json' ;;
        'schema encode') option=' --data= --delimiter= --ignore-extra-columns --out= --domain= --help --version --quiet --json' ;;
        *) option='' ;;
    esac
    COMPREPLY=($(compgen -W "$option" -- "$word"))
    [[ "${COMPREPLY[0]-}" == *= ]] && compopt -o nospace
}
complete -o filenames -F _silhouette silhouette
