import type { Command } from 'commander';
import { formatDuration } from '../../../core/duration.ts';
import type { DeadLetter } from '../../../core/store.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import type { Act } from '../../invocation.ts';
import { countValue, idValue } from '../../option-values.ts';
import { type Column, table } from '../../output/table.ts';
import { withStore } from '../../with-store.ts';
import { requireConsumer } from './selection.ts';

interface ListOptions {
  readonly consumer?: string;
  readonly limit: number;
  readonly after?: number;
}

/** `semel dead list`: one page, oldest id first, without payloads. */
export function addList(dead: Command, act: Act): void {
  dead
    .command('list')
    .description('list dead letters, the lowest id first')
    .option('--consumer <name>', 'only those of one consumer or route')
    .option('--limit <n>', 'how many at most', countValue, 50)
    .option('--after <id>', 'only those with a higher id: the next page', idValue)
    .action(
      act<ListOptions>(async ({ world, options, target, print }) => {
        const { consumer, limit, after } = options;
        const store = target();
        const found = await withStore(store.existing(), world, async (open) => {
          await requireConsumer(open, consumer);
          return open.deadLetters.list({ limit: limit + 1, ...(consumer === undefined ? {} : { consumer }), ...(after === undefined ? {} : { afterId: after }) });
        });
        const page = found.slice(0, limit);
        const nextAfter = found.length > limit ? page.at(-1)?.id : undefined;
        print({
          json: { store: store.address, deadLetters: page.map(summaryOf), ...(nextAfter === undefined ? {} : { nextAfter }) },
          text: () => textOf(page, world.now()),
        });
        if (nextAfter !== undefined && !options.json) world.stderr.write(`There are more: --after ${nextAfter}\n`);
        return EXIT_CODES.ok;
      }),
    );
}

/** What can be told of a dead letter without its payload and its stacks. */
function summaryOf({ id, consumer, topic, source, messageId, key, reason, history, diedAtMs }: DeadLetter): object {
  return { id, consumer, topic, source, messageId, ...(key === undefined ? {} : { key }), reason, attempts: attemptsOf(history), diedAtMs };
}

/** The history may be cut to the newest, but each entry says which try it was. */
function attemptsOf(history: DeadLetter['history']): number {
  return history.at(-1)?.attempt ?? 0;
}

const COLUMNS: readonly Column[] = [
  { title: 'ID', align: 'right' },
  { title: 'CONSUMER' },
  { title: 'REASON' },
  { title: 'TRIES', align: 'right' },
  { title: 'AGE', align: 'right' },
  { title: 'KEY' },
  { title: 'SOURCE' },
  { title: 'MESSAGE' },
];

function textOf(page: readonly DeadLetter[], nowMs: number): string {
  if (page.length === 0) return 'No dead letters.\n';
  return table(
    COLUMNS,
    page.map(({ id, consumer, reason, history, diedAtMs, key, source, messageId }) => [
      id,
      consumer,
      reason,
      attemptsOf(history),
      formatDuration(nowMs - diedAtMs),
      key ?? '-',
      source,
      messageId,
    ]),
  );
}
