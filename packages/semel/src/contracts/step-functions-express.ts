import type { Contract } from '../core/contract.ts';
import { stepFunctionsContract } from './step-functions.ts';

const GUIDE = 'https://docs.aws.amazon.com/step-functions/latest/dg';
const GUARANTEES = `${GUIDE}/express-at-least-once-execution.html`;
const START = 'https://docs.aws.amazon.com/step-functions/latest/apireference';
const RUN_MS = 300_000;

/** What AWS Step Functions promises an Express workflow that is started without waiting for its result. */
export const stepFunctionsExpressContract: Contract = {
  ...stepFunctionsContract,
  service: 'AWS Step Functions, Express',
  delivery: { value: 'at-least-once', source: `${GUARANTEES}: its state is not kept, and it may begin again from the start` },
  duplicates: { value: ['unsettled', 'publish-retry', 'spontaneous'], source: `${GUARANTEES}: one name started twice is two executions` },
  redeliveryWindowMs: { value: RUN_MS, source: `${GUIDE}/choosing-workflow-type.html` },
  redelivery: { value: [{ place: 'the execution', maxMs: RUN_MS }], source: `${GUIDE}/choosing-workflow-type.html: it runs for five minutes at most` },
  deadline: { value: { defaultMs: RUN_MS, maxMs: RUN_MS, prolonged: false, totalMs: RUN_MS }, source: `${GUIDE}/choosing-workflow-type.html` },
  attempts: { value: { most: 1, then: 'dropped' }, source: `${GUIDE}/redrive-executions.html: Express executions cannot be redriven` },
  retention: { value: { defaultMs: 0, maxMs: 0 }, source: `${GUARANTEES}: no history but what is logged` },
  dedupWindowMs: { value: 0, source: GUARANTEES },
  dedupKey: { value: 'none', source: `${GUARANTEES}: the name is no key here` },
  messageId: { value: 'The name says nothing: two executions may have the same.', source: GUARANTEES },
  fencedAcknowledgement: { value: false, source: `${GUIDE}/choosing-workflow-type.html: no tasks that are called back` },
  maxInFlight: { value: null, source: `${GUIDE}/service-quotas.html` },
  acknowledgement: { value: 'The workflow goes on; that it did is kept nowhere.', source: GUARANTEES },
  publishReply: { value: 'The execution will begin.', source: `${START}/API_StartExecution.html` },
};

/** What AWS Step Functions promises an Express workflow whose result its caller waits for. */
export const stepFunctionsSyncExpressContract: Contract = {
  ...stepFunctionsExpressContract,
  service: 'AWS Step Functions, synchronous Express',
  delivery: { value: 'at-most-once', source: `${GUARANTEES}: it is not begun again; who waits has to` },
  duplicates: { value: ['publish-retry'], source: `${GUARANTEES}: a caller that repeats a start has two executions` },
  redeliveryWindowMs: { value: 0, source: GUARANTEES },
  redelivery: { value: [], source: GUARANTEES },
  publishReply: { value: 'The execution has ended, with the result of the reply.', source: `${START}/API_StartSyncExecution.html` },
};
