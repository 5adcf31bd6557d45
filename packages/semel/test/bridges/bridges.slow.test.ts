import { type Bridge, bridgeTests } from './matrix.ts';
import { PLACES } from './places.ts';

const names = Object.keys(PLACES);
const all = names.flatMap((source) => names.flatMap((sink) => (['sqlite', 'postgres'] as const).map((store): Bridge => ({ source, store, sink }))));

bridgeTests(all);
