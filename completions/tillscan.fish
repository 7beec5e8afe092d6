# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_tillscan_global_optspecs
    string join \n config= json h/help V/version
end

function __fish_tillscan_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_tillscan_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_tillscan_using_subcommand
    set -l cmd (__fish_tillscan_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c tillscan -n "__fish_tillscan_needs_command" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_needs_command" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_needs_command" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_needs_command" -s V -l version -d 'Print version'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "run" -d 'Run the daemon'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "demo" -d 'Try tillscan out: daemon, sandbox and a scanner in one process'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "sandbox" -d 'Run a sandbox of Opn\'s API, for tests'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "sale" -d 'Arm a sale; with --wait, follow it to its end'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "cancel" -d 'Close a sale unpaid, if it can still be'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "check" -d 'Read a sale from the gateway at once'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "detach" -d 'Free the terminal although the sale is unknown; it keeps resolving'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "acknowledge" -d 'Say that the result was seen; with --refund, give money that came late back'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "refund" -d 'Give money of a paid sale back, all or a part of it'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "show" -d 'Show one sale'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "list" -d 'List the newest sales'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "status" -d 'Show how the daemon is'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "devices" -d 'Show what is plugged in, and why it is used as a scanner or not'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "config" -d 'Check or show the configuration'
complete -c tillscan -n "__fish_tillscan_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c tillscan -n "__fish_tillscan_using_subcommand run" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand run" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand run" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand demo" -l serial -d 'Use a real serial scanner instead of the pseudoterminal' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand demo" -l baud-rate -d 'Its speed' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand demo" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand demo" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand demo" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l listen -d 'Where to listen; port 0 takes a free one' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l secret-key -d 'The one key that is accepted, instead of any skey_test_…' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l speed -d 'How many times faster than real payments go by' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l search-lag -d 'How late search finds a change, in milliseconds' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l list-lag -d 'How late the list shows a charge, in milliseconds' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l expire-event -d 'What tells of an expired charge: charge.expire, charge.complete, both or none' -r -f -a "expire\t'charge.expire'
complete\t'charge.complete'
both\t'charge.expire, then charge.complete'
none\t'No event at all'"
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l date-skew -d 'How far the Date header is ahead, in seconds; behind where negative' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l seed -d 'What ids and every webhook\'s fate follow from; drawn anew where not given' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-url -d 'Where to send webhooks' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-secret -d 'What webhooks are signed with, in base64' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-next-secret -d 'The secret that comes after it: for a while both sign, then this one alone' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-roll-after -d 'When the next secret begins to sign, in milliseconds after the start' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-roll-overlap -d 'How long both secrets sign from then on, in milliseconds; 24 hours at Opn' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-version -d 'The account\'s version of the API, in which webhooks are written: this or 2017-11-02' -r -f -a "2019-05-29\t'2019-05-29'
2017-11-02\t'2017-11-02: `created` and `refunded` instead of `created_at` and `refunded_amount`, and currencies in small letters'"
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-skew -d 'How far the signature\'s timestamp is ahead, in seconds; behind where negative' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-delay -d 'How long each webhook waits, in milliseconds' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-delay-spread -d 'Up to how much longer, at random, so that they overtake one another' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-duplicates -d 'How many of 100 webhooks are sent twice' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-swaps -d 'How many of 100 webhooks let the following one go first' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-loss -d 'How many of 100 webhooks are lost' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l webhook-tries -d 'How often a webhook is tried until it is answered with a 2xx, 1 to 10' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand sandbox" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand sale" -l reference -d 'The shop\'s name for the sale, 1 to 64 characters; made up when left out' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand sale" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand sale" -l wait -d 'Follow the sale to its end; the exit code tells how it ended'
complete -c tillscan -n "__fish_tillscan_using_subcommand sale" -l again -d 'Take another code for a sale that ended unpaid'
complete -c tillscan -n "__fish_tillscan_using_subcommand sale" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand sale" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand cancel" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand cancel" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand cancel" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand check" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand check" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand check" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand detach" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand detach" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand detach" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand acknowledge" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand acknowledge" -l refund -d 'Give money that came after "not paid" was told back to the customer; of any other sale nothing goes back'
complete -c tillscan -n "__fish_tillscan_using_subcommand acknowledge" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand acknowledge" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand refund" -l refund -d 'The shop\'s name for the refund: the same one is the same refund; made up when left out, and then do not repeat the command' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand refund" -l reason -d 'Why, for people; up to 200 characters' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand refund" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand refund" -l wait -d 'Wait until it is known whether the money went back; the exit code tells'
complete -c tillscan -n "__fish_tillscan_using_subcommand refund" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand refund" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand show" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand show" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand show" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand list" -l limit -d 'How many sales at most' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand list" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand list" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand list" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand status" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand status" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand status" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand devices" -l count -d 'With --test: end after so many readings' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand devices" -l seconds -d 'With --test: end after so many seconds' -r
complete -c tillscan -n "__fish_tillscan_using_subcommand devices" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand devices" -l test -d 'Print what the scanners read, without any payment; the service must be stopped'
complete -c tillscan -n "__fish_tillscan_using_subcommand devices" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand devices" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and not __fish_seen_subcommand_from check show help" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and not __fish_seen_subcommand_from check show help" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and not __fish_seen_subcommand_from check show help" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and not __fish_seen_subcommand_from check show help" -f -a "check" -d 'Say whether the configuration and the secrets it names can be used'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and not __fish_seen_subcommand_from check show help" -f -a "show" -d 'Print what is in force, defaults and environment included, secrets left out'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and not __fish_seen_subcommand_from check show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and __fish_seen_subcommand_from check" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'The configuration; tells clients where the daemon\'s socket is' -r -F
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print JSON instead of text'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Say whether the configuration and the secrets it names can be used'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print what is in force, defaults and environment included, secrets left out'
complete -c tillscan -n "__fish_tillscan_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "run" -d 'Run the daemon'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "demo" -d 'Try tillscan out: daemon, sandbox and a scanner in one process'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "sandbox" -d 'Run a sandbox of Opn\'s API, for tests'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "sale" -d 'Arm a sale; with --wait, follow it to its end'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "cancel" -d 'Close a sale unpaid, if it can still be'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "check" -d 'Read a sale from the gateway at once'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "detach" -d 'Free the terminal although the sale is unknown; it keeps resolving'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "acknowledge" -d 'Say that the result was seen; with --refund, give money that came late back'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "refund" -d 'Give money of a paid sale back, all or a part of it'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "show" -d 'Show one sale'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "list" -d 'List the newest sales'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "status" -d 'Show how the daemon is'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "devices" -d 'Show what is plugged in, and why it is used as a scanner or not'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "config" -d 'Check or show the configuration'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and not __fish_seen_subcommand_from run demo sandbox sale cancel check detach acknowledge refund show list status devices config help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Say whether the configuration and the secrets it names can be used'
complete -c tillscan -n "__fish_tillscan_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Print what is in force, defaults and environment included, secrets left out'
