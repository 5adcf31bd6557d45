import type { UserConfig } from 'tsdown';

const config: UserConfig = {
  cwd: import.meta.dirname,
  entry: {
    index: 'src/index.ts',
    'stores/sqlite/index': 'src/stores/sqlite/index.ts',
    'stores/postgres/index': 'src/stores/postgres/index.ts',
    'stores/kafka/index': 'src/stores/kafka/index.ts',
    'transports/peer/index': 'src/transports/peer/index.ts',
    'transports/rabbitmq/index': 'src/transports/rabbitmq/index.ts',
    'transports/kafka/index': 'src/transports/kafka/index.ts',
    'transports/aws/sns/index': 'src/transports/aws/sns/index.ts',
    'transports/aws/sqs/index': 'src/transports/aws/sqs/index.ts',
    'prove/index': 'src/prove/index.ts',
    'prove/real/worker-main': 'src/prove/real/worker-main.ts',
    'contracts/index': 'src/contracts/index.ts',
    'testing/index': 'src/testing/index.ts',
    'cli/main': 'src/cli/main.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node22.16',
  fixedExtension: false,
  dts: true,
  sourcemap: true,
  // The sources themselves are shipped, in src.
  outputOptions: { sourcemapExcludeSources: true },
  // The only package whose code we ship: THIRD-PARTY-NOTICES.md carries its licence.
  deps: { onlyBundle: ['commander'], onlyImport: [] },
};

export default config;
