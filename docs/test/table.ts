import { type Contract, ERROR_CODES, type Fact } from 'semel';

const DAY_MS = 86_400_000;

/** What the pages call the facts of a contract, in the order in which they list them. */
const FACTS: Readonly<Record<Exclude<keyof Contract, 'service'>, string>> = {
  delivery: 'delivery',
  ordering: 'order is kept by',
  settlement: 'a delivery is settled',
  acknowledgement: 'acknowledgement',
  publishReply: 'reply to a publish',
  takenBack: 'an unsettled delivery is taken back at the end of its',
  redeliveryWindowMs: 'comes again, once handled, for',
  dedupWindowMs: 'recognises a repeated publish for',
  delayedRetry: 'can delay a retry',
  countsAttempts: 'counts attempts, crashes included',
  fencedAcknowledgement: 'refuses the acknowledgement of a stale owner',
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

function shown(value: Fact<unknown>['value'], name: string): string {
  if (value === null) return 'no bound';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' && name.endsWith('Ms')) return value === 0 ? 'not at all' : `${value / DAY_MS} days`;
  return String(value);
}
