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
        COMPREPLY=($(compgen -W 'synth fit sample plan inspect refit release verify simulate report schema key ledger help --help --version' -- "$word"))
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
    if [ "$command" = key ]; then
        if [ "$COMP_CWORD" -eq 2 ]; then
            COMPREPLY=($(compgen -W 'new show' -- "$word"))
            return
        fi
        command="key ${COMP_WORDS[2]}"
    fi
    if [ "$command" = ledger ]; then
        if [ "$COMP_CWORD" -eq 2 ]; then
            COMPREPLY=($(compgen -W 'quickstart init grant approve status log verify prove cosign rotate revoke recover close notice data disclose' -- "$word"))
            return
        fi
        command="ledger ${COMP_WORDS[2]}"
    fi
    case "$option" in
        --neighbours) COMPREPLY=($(compgen -W 'add-remove replace-one' -- "$word")); return ;;
        --mechanism) COMPREPLY=($(compgen -W 'mosaic aim mst independent' -- "$word")); return ;;
        --role) COMPREPLY=($(compgen -W 'authority curator log release witness auditor' -- "$word")); return ;;
    esac
    if [[ "$word" != -* ]]; then
        COMPREPLY=($(compgen -f -- "$word"))
        return
    fi
    case "$command" in
        'synth') option=' --data= --schema= --delimiter= --ignore-extra-columns --epsilon= --delta= --discovery-delta= --neighbours= --unit= --drop-missing-ids --ledger= --grant= --vault= --no-ledger --state= --curator= --log= --accept-clock --passphrase-file= --mechanism= --workload= --max-cells= --max-model-mb= --threads= --rows= --seed= --out= --model-out= --help --version --quiet --json' ;;
        'fit') option=' --data= --schema= --delimiter= --ignore-extra-columns --epsilon= --delta= --discovery-delta= --neighbours= --unit= --drop-missing-ids --ledger= --grant= --vault= --no-ledger --state= --curator= --log= --accept-clock --passphrase-file= --mechanism= --workload= --max-cells= --max-model-mb= --threads= --out= --help --version --quiet --json' ;;
        'sample') option=' --model= --rows= --seed= --threads= --where= --rebalance= --fair= --out= --delimiter= --help --version --quiet --json' ;;
        'plan') option=' --schema= --epsilon= --delta= --discovery-delta= --neighbours= --unit= --rows-guess= --target-error= --mechanism= --workload= --max-cells= --max-model-mb= --threads= --out= --help --version --quiet --json' ;;
        'inspect') option=' --ledger= --state= --out= --help --version --quiet --json' ;;
        'refit') option=' --transcript= --explain --threads= --out= --help --version --quiet --json' ;;
        'release') option=' --model= --ledger= --release-key= --state= --curator= --log= --accept-clock --passphrase-file= --rows= --seed= --threads= --where= --rebalance= --fair= --out= --tar --help --version --quiet --json' ;;
        'verify') option=' --ledger-id= --pinned= --memory-mb= --threads= --help --version --quiet --json' ;;
        'simulate') option=' --rows= --seed= --out= --help --version --quiet --json' ;;
        'report') option=' --data= --model= --delimiter= --ignore-extra-columns --synthetic= --rows= --seed= --group= --threads= --out= --help --version --quiet --json' ;;
        'schema check') option=' --data= --limit= --delimiter= --ignore-extra-columns --out= --help --version --quiet --json' ;;
        'schema draft') option=' --look --delimiter= --out= --help --version --quiet --json' ;;
        'schema import') option=' --mbi= --out= --help --version --quiet --json' ;;
        'schema encode') option=' --data= --delimiter= --ignore-extra-columns --out= --domain= --help --version --quiet --json' ;;
        'key new') option=' --role= --out= --passphrase-file= --unencrypted --name= --help --version --quiet --json' ;;
        'key show') option=' --name= --help --version --quiet --json' ;;
        'ledger quickstart') option=' --data-label= --cap-epsilon= --cap-delta= --discovery-delta= --unit= --neighbours= --prefix= --parent= --data= --delimiter= --state= --ledger-id= --help --version --quiet --json' ;;
        'ledger init') option=' --data-label= --cap-epsilon= --cap-delta= --discovery-delta= --unit= --neighbours= --prefix= --parent= --authority= --threshold= --release= --auditor= --witnesses= --unencrypted --data= --delimiter= --body= --state= --ledger-id= --curator= --log= --accept-clock --passphrase-file= --help --version --quiet --json' ;;
        'ledger grant') option=' --epsilon= --rho= --discovery-delta= --purpose= --expires= --body= --state= --ledger-id= --curator= --log= --accept-clock --passphrase-file= --help --version --quiet --json' ;;
        'ledger approve') option=' --body= --sig= --state= --ledger-id= --curator= --log= --accept-clock --passphrase-file= --help --version --quiet --json' ;;
        'ledger status') option=' --state= --ledger-id= --policy= --help --version --quiet --json' ;;
        'ledger log') option=' --state= --ledger-id= --help --version --quiet --json' ;;
        'ledger verify') option=' --pinned= --policy= --state= --ledger-id= --help --version --quiet --json' ;;
        'ledger prove') option=' --entry= --out= --state= --ledger-id= --help --version --quiet --json' ;;
        'ledger cosign') option=' --old= --add= --request= --key= --name= --passphrase-file= --policy= --out= --state= --ledger-id= --curator= --log= --accept-clock --help --version --quiet --json' ;;
        'ledger rotate') option=' --role= --add= --name= --revoke= --threshold= --reason= --body= --state= --ledger-id= --curator= --log= --accept-clock --passphrase-file= --help --version --quiet --json' ;;
        'ledger revoke') option=' --key= --since= --threshold= --reason= --body= --state= --ledger-id= --curator= --log= --accept-clock --passphrase-file= --help --version --quiet --json' ;;
        'ledger recover') option=' --reason= --body= --state= --ledger-id= --help --version --quiet --json' ;;
        'ledger close') option=' --reason= --body= --state= --ledger-id= --curator= --log= --accept-clock --passphrase-file= --help --version --quiet --json' ;;
        'ledger notice') option=' --reason= --release= --body= --state= --ledger-id= --curator= --log= --accept-clock --passphrase-file= --help --version --quiet --json' ;;
        'ledger data') option=' --add= --note= --vault= --delimiter= --body= --state= --ledger-id= --curator= --log= --accept-clock --passphrase-file= --help --version --quiet --json' ;;
        'ledger disclose') option=' --vault= --out= --state= --ledger-id= --curator= --log= --accept-clock --passphrase-file= --help --version --quiet --json' ;;
        *) option='' ;;
    esac
    COMPREPLY=($(compgen -W "$option" -- "$word"))
    [[ "${COMPREPLY[0]-}" == *= ]] && compopt -o nospace
}
complete -o filenames -F _silhouette silhouette
