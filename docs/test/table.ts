import { type Attempts, type Contract, type Deadline, ERROR_CODES, type Fact, type Period, type Setting } from 'semel';
import { formatDuration } from '../../packages/semel/src/core/duration.ts';
import { horizonOf } from '../../packages/semel/src/explain/horizon.ts';
import { sentence } from '../../packages/semel/src/explain/sentence.ts';

/** What the pages call the facts of a contract, in the order in which they list them. */
const FACTS: Readonly<Record<Exclude<keyof Contract, 'service'>, string>> = {
  delivery: 'delivery',
  ordering: 'order is kept by',
  settlement: 'a delivery is settled',
  acknowledgement: 'acknowledgement',
  publishReply: 'reply to a publish',
  takenBack: 'an unsettled delivery is taken back at the end of its',
  deadline: 'a delivery may be in hand for',
  duplicates: 'brings a message twice',
  redeliveryWindowMs: 'comes again, once handled, for',
  redelivery: 'which is, at the longest settings',
  retention: 'keeps what nobody settles for',
  attempts: 'tries of its own',
  delayedRetry: 'can delay a retry',
  countsAttempts: 'counts attempts, crashes included',
  dedupWindowMs: 'recognises a repeated publish for',
  dedupKey: 'by',
  messageId: 'its own message id',
  fencedAcknowledgement: 'refuses the acknowledgement of a stale owner',
  batchPublish: 'reply to a publish of several',
  batchSettlement: 'reply to a settlement of several',
  maxBatch: 'messages of one publish, at most',
  maxInFlight: 'deliveries in hand, at most',
  maxMessageBytes: 'bytes of a message, at most',
};

/** A contract as a Markdown table. */
export function contractTable(contract: Contract): string {
  const rows = Object.entries(FACTS).map(([name, label]) => {
    const { value, source } = contract[name as keyof typeof FACTS];
    return `| ${label} | ${shown(value, name)} | ${source} |`;
  });
  return ['| promise | | source |', '|---|---|---|', ...rows].join('\n');
}

/** All error codes as a Markdown table. */
export function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { retryable, todo }]) => `| \`${code}\` | ${retryable ? 'yes' : 'no'} | ${todo} |`);
  return ['| code | retryable | what to do |', '|---|---|---|', ...rows].join('\n');
}

/** The page with the table of this name between its marks. */
export function withTable(page: string, name: string, table: string): string {
  const marks = new RegExp(`(<!-- ${name} -->\n).*?(<!-- end -->)`, 's');
  if (!marks.test(page)) throw new Error(`the page has no place for the table ${name}`);
  return page.replace(marks, (_, before: string, after: string) => `${before}${table}\n${after}`);
}

/** What all of these contracts say, in a line each. */
export function contractsTable(contracts: Readonly<Record<string, Contract>>): string {
  const rows = Object.entries(contracts).map(([name, contract]) => {
    const cells = SUMMARY.map(([, fact]) => (fact === 'redeliveryWindowMs' ? shownHorizon(contract) : shown(contract[fact].value, fact)));
    return `| [${contract.service}](contracts/services.md#${name}) | ${cells.join(' | ')} |`;
  });
  const titles = SUMMARY.map(([title]) => title);
  return [`| service | ${titles.join(' | ')} |`, `|---|${titles.map(() => '---|').join('')}`, ...rows].join('\n');
}

const SUMMARY: readonly (readonly [string, keyof typeof FACTS])[] = [
  ['delivery', 'delivery'],
  ['order', 'ordering'],
  ['twice by', 'duplicates'],
  ['comes again for', 'redeliveryWindowMs'],
  ['in hand for', 'deadline'],
  ['knows a repeated publish for', 'dedupWindowMs'],
  ['refuses stale acknowledgements', 'fencedAcknowledgement'],
];

/** All contracts in full, a section each. */
export function contractSections(contracts: Readonly<Record<string, Contract>>): string {
  return Object.entries(contracts)
    .map(([name, contract]) => `## ${name}\n\n${sentence(contract.service)}.\n\n${contractTable(contract)}\n`)
    .join('\n');
}

/** Where settings decide, at the longest of them. */
function shownHorizon(contract: Contract): string {
  const { comesAgainMs } = horizonOf(contract, { inboxMs: 0, messagesMs: 0 });
  return contract.redeliveryWindowMs.value === null && comesAgainMs !== null ? `as it is set, up to ${shownTime(comesAgainMs)}` : shownTime(comesAgainMs);
}

function shown(value: Fact<unknown>['value'], name: string): string {
  if (name === 'deadline' && value === null) return 'no limit';
  if (name === 'redeliveryWindowMs' && value === null) return 'no bound, or as it is set';
  if (value === null) return 'no bound';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.map((part) => (typeof part === 'string' ? part : shownPeriod(part))).join(', ');
  if (typeof value === 'object') return shownObject(value as Deadline | Attempts | Setting);
  if (typeof value === 'number') return name.endsWith('Ms') ? shownTime(value) : value.toLocaleString('en-GB');
  return String(value);
}

function shownPeriod({ place, maxMs }: Period): string {
  return `${shownTime(maxMs)} in ${place}`;
}

function shownObject(value: Deadline | Attempts | Setting): string {
  if ('most' in value) return `${value.most ?? 'no bound'}, then ${value.then}`;
  if (!('prolonged' in value)) return shownSetting(value);
  const { defaultMs, maxMs, prolonged, totalMs } = value;
  if (!prolonged) return `${shownSetting({ defaultMs, maxMs })}; not prolonged`;
  return `${maxMs === null ? shownTime(defaultMs) : shownSetting({ defaultMs, maxMs })}; prolonged${totalMs === null ? ' without bound' : `, up to ${shownTime(totalMs)} in all`}`;
}

function shownSetting({ defaultMs, maxMs }: Setting): string {
  if (defaultMs === maxMs) return shownTime(maxMs);
  return `${shownTime(defaultMs)}, ${maxMs === null ? 'unless it is set' : `at most ${shownTime(maxMs)}`}`;
}

function shownTime(ms: number | null): string {
  return ms === null ? 'no bound' : ms === 0 ? 'not at all' : formatDuration(ms);
}
