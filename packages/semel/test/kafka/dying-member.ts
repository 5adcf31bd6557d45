import type { SubscribeOptions, Transport } from 'semel';

/** The steps of a rebalance, as a member of the group goes through them. */
export const REBALANCE_STEPS = ['joining', 'assigned', 'acquired', 'revoking', 'drained', 'released'] as const;

/** A transport whose process dies at the step that `DIES_AT` names, if it names one. */
export function dyingMember(transport: Transport): Transport {
  const { subscriber } = transport;
  if (subscriber === undefined) return transport;
  return {
    ...transport,
    subscriber: {
      subscribe: async (topic, options) => {
        await reached('joining');
        return subscriber.subscribe(topic, watched(options));
      },
      close: () => subscriber.close(),
    },
  };
}

function watched(options: SubscribeOptions): SubscribeOptions {
  return {
    ...options,
    assigned: async (partitions) => {
      await reached('assigned');
      const acquired = await options.assigned(partitions);
      await reached('acquired');
      return acquired;
    },
    revoked: async (partitions) => {
      await reached('revoking');
      await options.revoked(partitions);
      await reached('drained');
    },
    released: async (partitions) => {
      await options.released(partitions);
      await reached('released');
    },
  };
}

/** Never resolves where it is the process's last step. */
async function reached(step: (typeof REBALANCE_STEPS)[number]): Promise<void> {
  if (process.env['DIES_AT'] !== step) return;
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => {});
}
