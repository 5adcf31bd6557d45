import type { Store } from '../../core/store.ts';

/** A transaction whose end had no answer. */
export interface UnresolvedUnit {
  /** As `TransactionalProducer.ask`. */
  ask(): Promise<'committed' | 'over' | 'unknown'>;
  /** Whether the positions that it moves have moved; undefined where it moves none. */
  moved(): Promise<boolean | undefined>;
  committed(): void;
  aborted(): void;
}

/** The engine asks at once; who is older than these has been asked for long ago. */
const KEPT = 10;

/** The units whose fate is open. */
export class UnresolvedUnits {
  readonly #units = new Map<string, UnresolvedUnit>();

  add(name: string, unit: UnresolvedUnit): void {
    this.#units.set(name, unit);
    const [oldest] = this.#units.keys();
    if (this.#units.size > KEPT && oldest !== undefined) this.#units.delete(oldest);
  }

  /**
   * Its fate: as the coordinator of the transactions has it, or, where that does not know any more, as the positions show it.
   *
   * @param fence resolves once nothing of it can come any more
   */
  async resolve(name: string, fence: () => Promise<unknown>): ReturnType<Store['resolve']> {
    const unit = this.#units.get(name);
    if (unit === undefined) return 'unknown';
    const fate = await fateOf(unit, fence);
    if (fate === 'unknown') return fate;
    this.#units.delete(name);
    unit[fate]();
    return fate;
  }
}

async function fateOf(unit: UnresolvedUnit, fence: () => Promise<unknown>): ReturnType<Store['resolve']> {
  const said = await unit.ask();
  if (said !== 'over') return said;
  await fence();
  const moved = await unit.moved();
  if (moved === undefined) return 'unknown';
  return moved ? 'committed' : 'aborted';
}
