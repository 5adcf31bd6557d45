import type { Receipt } from './delivery.ts';
import type { ItemState } from './session.ts';
import type { WorkItem } from './store.ts';

/** How far a partition was read, and by which owner, as its row says. */
export interface PartitionRow {
  readonly partition: string;
  readonly epoch: number;
  readonly position: string | null;
}

type PositionReceipt = Extract<Receipt, { readonly kind: 'position' }>;

/** Walks each partition from the position that is recorded. */
export class PartitionChains {
  readonly #reached: Map<string, { readonly epoch: number; position: string | null }>;

  /** @param rows of the partitions that the receipts name; one that was never acquired has none */
  constructor(rows: readonly PartitionRow[]) {
    this.#reached = new Map(rows.map(({ partition, epoch, position }) => [partition, { epoch, position }]));
  }

  /** One step further; undefined where it follows. Another epoch means another owner; another position under the own epoch does not (trap 56). */
  follow({ partition, from, to, epoch }: PositionReceipt): ItemState | undefined {
    const reached = this.#reached.get(partition);
    if (reached === undefined || reached.epoch !== epoch) return { kind: 'lost' };
    if (reached.position !== null && reached.position !== from) return { kind: 'moved', position: reached.position };
    reached.position = to;
    return undefined;
  }
}

/** Where a partition is to be moved to, in one transaction. */
export interface Advance {
  readonly partition: string;
  readonly epoch: number;
  readonly to: string;
}

/** Moves each partition to the end of its last item before the first that has to come again. @param passed the items that need not come again */
export function advancesOf(inspected: readonly WorkItem[], passed: ReadonlySet<WorkItem>, positionOf: (partition: string) => string | null): readonly Advance[] {
  const partitions = Map.groupBy(
    inspected.flatMap((item) => (item.receipt.kind === 'position' ? [{ ...item.receipt, passed: passed.has(item) }] : [])),
    ({ partition }) => partition,
  );
  return [...partitions].flatMap(([partition, steps]) => {
    const end = endOf(positionOf(partition), steps);
    return end === undefined ? [] : [{ partition, epoch: end.epoch, to: end.to }];
  });
}

type Step = PositionReceipt & { readonly passed: boolean };

/** The last step before a hole: one that follows, yet has to come again. What does not follow was seen off at the inspection. */
function endOf(from: string | null, steps: readonly Step[]): Step | undefined {
  let end: Step | undefined;
  for (const step of steps) {
    if (step.passed) end = step;
    else if (step.from === (end?.to ?? from ?? step.from)) return end;
  }
  return end;
}
