import type { Contract } from '../core/contract.ts';

const GUIDE = 'https://docs.aws.amazon.com/step-functions/latest/dg';
const GUARANTEES = `${GUIDE}/express-at-least-once-execution.html`;
const START = 'https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html';
const DAY_MS = 86_400_000;

/** What AWS Step Functions promises a Standard workflow's tasks, and who starts it. */
export const stepFunctionsContract: Contract = {
  service: 'AWS Step Functions, Standard',
  delivery: {
    value: 'exactly-once',
    source: `${GUARANTEES}: of the workflow; a task with a Retry runs again, and may have had its effect before: ${GUIDE}/choosing-workflow-type.html`,
  },
  ordering: { value: 'none', source: `${GUIDE}/choosing-workflow-type.html: executions are independent` },
  settlement: { value: 'one-by-one', source: `${GUIDE}/connect-to-resource.html` },
  takenBack: { value: 'lease', source: `${GUIDE}/connect-to-resource.html: TimeoutSeconds and HeartbeatSeconds of the task` },
  duplicates: { value: ['unsettled', 'redrive'], source: `${GUIDE}/concepts-error-handling.html: where a Retry is declared; ${GUIDE}/redrive-executions.html` },
  redeliveryWindowMs: { value: 379 * DAY_MS, source: `${GUIDE}/service-quotas.html, ${GUIDE}/redrive-executions.html` },
  redelivery: {
    value: [
      { place: 'the execution', maxMs: 365 * DAY_MS },
      { place: 'the failed execution, by a redrive', maxMs: 14 * DAY_MS },
    ],
    source: `${GUIDE}/service-quotas.html, ${GUIDE}/redrive-executions.html`,
  },
  deadline: { value: null, source: `${GUIDE}/connect-to-resource.html: none unless TimeoutSeconds or HeartbeatSeconds is set` },
  delayedRetry: { value: true, source: `${GUIDE}/concepts-error-handling.html: IntervalSeconds, by the workflow and not by the task` },
  countsAttempts: { value: true, source: `${GUIDE}/concepts-error-handling.html: MaxAttempts` },
  attempts: {
    value: { most: 1, then: 'kept' },
    source: `${GUIDE}/concepts-error-handling.html: without a Retry the execution fails; it can be redriven: ${GUIDE}/redrive-executions.html`,
  },
  retention: { value: { defaultMs: 90 * DAY_MS, maxMs: 90 * DAY_MS }, source: `${GUARANTEES}: of the history of an execution that ended` },
  dedupWindowMs: { value: 90 * DAY_MS, source: `${GUARANTEES}: a name can be used again after 90 days` },
  dedupKey: { value: 'the name of the execution, with the same input', source: `${START}: the same answer while it runs, ExecutionAlreadyExists afterwards` },
  messageId: { value: 'The name is given by who starts it, and is as good a key as he makes it.', source: START },
  fencedAcknowledgement: { value: true, source: 'https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html: TaskTimedOut' },
  maxMessageBytes: { value: 262_144, source: `${GUIDE}/service-quotas.html` },
  maxBatch: { value: 1, source: START },
  maxInFlight: { value: 1_000_000, source: `${GUIDE}/service-quotas.html: executions open at once, unless it is raised` },
  batchPublish: { value: 'none', source: START },
  batchSettlement: { value: 'none', source: 'https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html' },
  acknowledgement: { value: "The task's result is recorded, and the workflow goes on.", source: `${GUARANTEES}: the state is kept at each transition` },
  publishReply: { value: 'The execution is recorded and begins.', source: START },
};
