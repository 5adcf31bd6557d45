import type { LifecycleEvent } from '../../core/lifecycle.ts';
import { CONSUMER_BOUNDARIES, RELAY_BOUNDARIES } from '../../core/lifecycle.ts';
import type { Runtime } from '../../core/runtime.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import type { Party } from '../adversary/surroundings.ts';
import type { Happening } from '../history.ts';
import { bitOf, type Tracks } from './footprint.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Where a worker stands until it is told to go on. */
export interface Hold {
  /** Counts the holds of its process. */
  readonly number: number;
  /** A boundary, or `working`: between two statements of the handler. */
  readonly at: string;
  readonly ids: readonly string[];
  readonly goOn: () => void;
  /** Time passes while it stands there. */
  slow: boolean;
}

/** What a process needs of its world. */
export interface ProcessSurroundings {
  readonly time: VirtualTime;
  readonly tracks: Tracks;
  readonly seed: number;
  note(who: string, what: Happening): void;
}

const BOUNDARIES: ReadonlySet<string> = new Set([...CONSUMER_BOUNDARIES, ...RELAY_BOUNDARIES]);

/** One life of a worker: what it waits at, and the runtime that it is lent. */
export class WorkerProcess implements Party {
  readonly name: string;
  readonly life: number;
  readonly bit: number;
  readonly runtime: Runtime;
  readonly holds: Hold[] = [];
  state: 'up' | 'frozen' | 'down' = 'up';
  /** Since when it is frozen, or slow: virtual milliseconds. */
  standsSinceMs = 0;
  readonly #around: ProcessSurroundings;
  #held = 0;

  constructor(name: string, index: number, life: number, around: ProcessSurroundings) {
    this.name = name;
    this.life = life;
    this.bit = bitOf(index);
    this.#around = around;
    const { time, tracks, seed } = around;
    const now = () => {
      tracks.write(this.bit);
      return time.nowMs;
    };
    this.runtime = { clock: { now }, random: seededRandom(seed + 31 * index + 1009 * life), scheduler: time.schedulerOf(this) };
  }

  get label(): string {
    return this.life === 1 ? this.name : `${this.name}${this.life}`;
  }

  /** Stops at boundaries; of the rest it only takes note. */
  observe(event: LifecycleEvent): Promise<void> | void {
    const ids = (event.messages ?? []).map(({ id }) => id);
    if (BOUNDARIES.has(event.type)) return this.hold(event.type, ids);
    this.#around.tracks.write(this.bit);
    if (this.state === 'down') return new Promise(() => {});
    this.#around.note(this.label, { kind: 'notice', type: event.type, ids, ...aboutError(event.error) });
  }

  /** Stands until it is told to go on; for ever where the process is dead. */
  hold(at: string, ids: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      this.#around.tracks.write(this.bit);
      if (this.state === 'down') return;
      const hold: Hold = {
        number: this.#held++,
        at,
        ids,
        slow: false,
        goOn: () => {
          this.#around.tracks.write(this.bit);
          this.holds.splice(this.holds.indexOf(hold), 1);
          resolve();
        },
      };
      this.holds.push(hold);
      this.#around.note(this.label, { kind: 'reached', at, ids });
    });
  }
}

function aboutError(error: unknown): { readonly code?: string; readonly culprit?: string } {
  if (typeof error !== 'object' || error === null) return {};
  const { code, name, culprit } = error as { readonly code?: unknown; readonly name?: unknown; readonly culprit?: unknown };
  return { code: String(code ?? name), ...(typeof culprit === 'string' ? { culprit } : {}) };
}
