import { SemelError } from '../../../core/errors.ts';
import type { Scheduler } from '../../../core/runtime.ts';
import type { Connection } from '../connection.ts';
import { slotState } from './slot-state.ts';

/** How often the slot is looked at while it is read. */
const WATCH_MS = 10_000;
/** More log than this that is not confirmed is worth a word. */
const BEHIND_BYTES = 1024 ** 3;

/** What a watch tells. */
export interface SlotWatchEvents {
  /** Once whenever it falls behind. */
  behind(error: SemelError): void;
  /** The database does not answer: one that is about to stop waits for nobody that holds on to its log. */
  unreachable(error: unknown): void;
}

/** Looks, now and then, how far a slot is behind. @returns ends it */
export function watchSlot(connection: Connection, scheduler: Scheduler, events: SlotWatchEvents): () => void {
  let wasBehind = false;
  let cancel = () => {};
  let ended = false;
  const look = async () => {
    try {
      const state = await slotState(connection);
      const isBehind = state !== undefined && (state.walStatus === 'unreserved' || state.behindBytes > BEHIND_BYTES);
      if (isBehind && !wasBehind)
        events.behind(new SemelError('slot-behind', `the replication slot ${state.slot} is ${state.behindBytes} bytes behind (${state.walStatus})`, { details: { ...state } }));
      wasBehind = isBehind;
    } catch (error) {
      events.unreachable(error);
    }
    later();
  };
  const later = () => {
    if (!ended) cancel = scheduler.after(WATCH_MS, () => void look());
  };
  later();
  return () => {
    ended = true;
    cancel();
  };
}
