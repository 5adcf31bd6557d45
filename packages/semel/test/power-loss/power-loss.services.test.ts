import { powerLossTests } from './power-loss-tests.ts';

await powerLossTests(2);
