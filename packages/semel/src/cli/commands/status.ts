import type { Command } from 'commander';
import { formatDuration } from '../../core/duration.ts';
import type { SubscriptionState } from '../../core/store.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Act } from '../invocation.ts';
import { type Column, table } from '../output/table.ts';
import { withStore } from '../with-store.ts';

/** `semel status`: every consumer and route, with its backlog. */
export function addStatus(program: Command, act: Act): void {
  program
    .command('status')
    .description('show every consumer and route: backlog, oldest message, dead letters, pause')
    .action(
      act(async ({ world, target, print }) => {
        const store = target();
        const subscriptions = await withStore(store.existing(), world, (open) => open.registry.list());
        const nowMs = world.now();
        print({ json: { store: store.address, nowMs, subscriptions: subscriptions.map((state) => jsonOf(state, nowMs)) }, text: () => textOf(subscriptions, nowMs) });
        return EXIT_CODES.ok;
      }),
    );
}

/** JSON has no Infinity: a pause without an end is `paused` without `pausedUntilMs`. */
function jsonOf({ pausedUntilMs, ...state }: SubscriptionState, nowMs: number): object {
  const paused = (pausedUntilMs ?? 0) > nowMs;
  return { ...state, paused, ...(paused && Number.isFinite(pausedUntilMs) ? { pausedUntilMs } : {}) };
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'KIND' },
  { title: 'TOPIC' },
  { title: 'READY', align: 'right' },
  { title: 'IN FLIGHT', align: 'right' },
  { title: 'RETRYING', align: 'right' },
  { title: 'HELD', align: 'right' },
  { title: 'OLDEST', align: 'right' },
  { title: 'DEAD', align: 'right' },
  { title: 'PAUSED' },
];

function textOf(subscriptions: readonly SubscriptionState[], nowMs: number): string {
  if (subscriptions.length === 0) return 'No consumer or route has joined yet.\n';
  return table(
    COLUMNS,
    subscriptions.map(({ name, kind, topic, backlog, oldestMs, deadLetters, pausedUntilMs }) => [
      name,
      kind,
      topic,
      backlog.ready,
      backlog.inFlight,
      backlog.retrying,
      backlog.held,
      oldestMs === undefined ? '-' : formatDuration(nowMs - oldestMs),
      deadLetters,
      pauseOf(pausedUntilMs, nowMs),
    ]),
  );
}

function pauseOf(untilMs: number | undefined, nowMs: number): string {
  if (untilMs === undefined || untilMs <= nowMs) return '-';
  return untilMs === Number.POSITIVE_INFINITY ? 'until resumed' : `for ${formatDuration(untilMs - nowMs)}`;
}
