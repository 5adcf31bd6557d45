import { setTimeout as sleep } from 'node:timers/promises';
import { type ColumnBroker, isEmpty } from './brokers/column-broker.ts';
import type { Deliveries, DeliveryLog } from './delivery-log.ts';
import type { Plan } from './plan.ts';
import type { Supervisor } from './supervisor.ts';

/** How far a column has got. */
export interface Snapshot {
  readonly delivered: number;
  readonly kills: number;
}

/** How a column is run. */
export interface Conduct {
  readonly plan: Plan;
  /** Kills the broker's server and starts it again, where it has one. It comes once, in the middle. */
  readonly killServer: (() => Promise<void>) | undefined;
  readonly signal: AbortSignal;
  readonly report: (snapshot: Snapshot) => void;
}

/** What takes part in a column. */
export interface Parties {
  readonly broker: ColumnBroker;
  readonly supervisor: Supervisor;
  readonly log: DeliveryLog;
}

/** A kill, once so many payments were delivered. */
interface Strike {
  readonly delivered: number;
  /** False if there is nobody to kill just now. @param busy whether messages are in hand, or may be */
  strike(busy: boolean): Promise<boolean>;
}

const TICK_MS = 10;
/** After so long without a delivery nothing comes any more. */
const QUIET_MS = 1000;
/** As long as some payments were not delivered at all, more patience: a broker needs a while to find that a consumer is gone. */
const PATIENCE_MS = 20_000;

/** Watches the deliveries, and kills at the planned moments. Resolves when all kills are done and nothing comes any more; it cannot be sure of that. */
export async function untilQuiet({ plan, killServer, signal, report }: Conduct, parties: Parties): Promise<void> {
  const { broker, supervisor, log } = parties;
  const strikes = strikesOf(plan, killServer, parties);
  const quiet = new Quiet();
  for (;;) {
    const deliveries = log.read();
    signal.throwIfAborted();
    supervisor.check();
    report({ delivered: deliveries.payments, kills: supervisor.kills });
    const all = deliveries.payments === plan.payments.length;
    const over = (all && (await isEmpty(broker))) || quiet.forMs(deliveries) > (all ? QUIET_MS : PATIENCE_MS);
    const [next] = strikes;
    if (over && next === undefined) return;
    if (next !== undefined && (over || deliveries.payments >= next.delivered) && (await next.strike(!over))) {
      strikes.shift();
      quiet.reset();
    }
    await sleep(TICK_MS);
  }
}

/** Workers that have messages in hand, as long as there are any, and the server. */
function strikesOf({ payments, kills }: Plan, killServer: Conduct['killServer'], { broker, supervisor }: Parties): Strike[] {
  const strikes: Strike[] = kills.map(({ delivered, share }) => ({
    delivered,
    strike: async (busy) => supervisor.kill(share, busy ? broker.holders?.() : undefined),
  }));
  if (killServer !== undefined) strikes.push({ delivered: payments.length / 2, strike: () => killServer().then(() => true) });
  return strikes.sort((a, b) => a.delivered - b.delivered);
}

/** For how long nothing was delivered. */
class Quiet {
  #total = 0;
  #sinceMs = performance.now();

  forMs({ total }: Deliveries): number {
    if (total !== this.#total) this.reset();
    this.#total = total;
    return performance.now() - this.#sinceMs;
  }

  reset(): void {
    this.#sinceMs = performance.now();
  }
}
