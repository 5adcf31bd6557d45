import type { Transport } from 'semel';

/** What the deliveries go through from the receivers to the workers. Yours will be one of the files beside; take that, and leave this interface out. */
export interface Broker {
  readonly transport: Transport;
  /** Makes the topic or the queue, unless it is there: with a broker of yours that is done once, by whoever looks after it. */
  prepare(): Promise<void>;
}
