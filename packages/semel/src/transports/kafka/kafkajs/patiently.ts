import { isBusy } from './kafkajs-error.ts';

const TRIES = 40;
const RETRY_MS = 5;
const RETRY_CAP_MS = 100;

/** Tries again while the brokers say that they are not ready yet; about three seconds. @param tried told before each try but the first */
export async function patiently<Result>(task: () => Promise<Result>, tried: () => void = () => {}): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await task();
    } catch (error) {
      if (!isBusy(error) || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_CAP_MS, RETRY_MS * tries)));
      tried();
    }
  }
}
