import { type SqsOptions, sqs } from 'semel/sqs';
import { TransportBench } from '../../src/testing/transport-suite/transport-bench.ts';
import { ModelSqs } from './model-sqs.ts';

/** A transport on the model of SQS, with played time. */
export interface ModelBench {
  readonly bench: TransportBench;
  readonly model: ModelSqs;
}

/** A queue of this name, empty, and what reads and writes it. */
export function benchOn(queue: string, options: Partial<SqsOptions> = {}, attributes: Readonly<Record<string, string>> = {}): ModelBench {
  const model = new ModelSqs();
  model.create(queue, attributes);
  const bench = new TransportBench({ transport: sqs({ client: model, queue, ...options }), topic: 'orders', inject: () => {}, close: async () => {} });
  model.runtime = bench.runtime;
  return { bench, model };
}
