/**
 * How long after its commit a message reaches the sink, at 100 messages a second, by mode of the relay: the figures of docs/postgres/relay.md.
 * `node --conditions=semel-source packages/semel/test/relay/latency.ts [seconds]`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnPostgres } from '../services/own-postgres.ts';
import type { Mode } from './relay-service.ts';
import { Shop } from './shop.ts';

const RATE = 100;
const WARM_UP = 100;
const messages = Number(process.argv[2] ?? 10) * RATE;

await using server = await OwnPostgres.start();
for (const [mode, notify] of [
  ['poll', false],
  ['poll', true],
  ['wal', false],
  ['both', false],
] as const)
  process.stdout.write(`${mode}${notify ? ' with NOTIFY' : ''}: ${await latencies(server.url, mode, notify)}\n`);

async function latencies(url: string, mode: Mode, notify: boolean): Promise<string> {
  await using shop = await Shop.open(url, notify);
  const [committed, arrived] = [new Map<number, number>(), new Map<number, number>()];
  shop.sink.answer(({ number }) => void arrived.set(number, performance.now()));
  await shop.relays.start(mode, { notify });
  if (mode !== 'poll') await shop.read();
  const selling: Promise<unknown>[] = [];
  const startedMs = performance.now();
  for (let number = 1; number <= messages + WARM_UP; number++) {
    await sleep(Math.max(0, startedMs + (number * 1_000) / RATE - performance.now()));
    selling.push(shop.sell(['Ann']).then(() => committed.set(number, performance.now())));
  }
  await Promise.all(selling);
  await shop.delivered();
  const tookMs = [...arrived].flatMap(([number, atMs]) => (number <= WARM_UP ? [] : [atMs - (committed.get(number) ?? atMs)])).toSorted((a, b) => a - b);
  const at = (share: number) => `${Math.max(0, tookMs[Math.floor(tookMs.length * share)] ?? Number.NaN).toFixed(1)} ms`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)}`;
}
