import { expect, it } from 'vitest';
import { misspeltVariables } from './misspelt-variables.ts';

it.each<[string, string | undefined]>([
  ['SLUICE_LOGLEVEL', 'SLUICE_LOG_LEVEL'],
  ['SLUICE_ANONYMOS_ACCESS', 'SLUICE_ANONYMOUS_ACCESS'],
  ['sluice_log_level', undefined],
  ['SLUICE_LOG_LEVEL', undefined],
  ['SLUICE_EVAL_SUITE_FILE', undefined],
  ['SLUICE_EVAL_CASES_FOLDER', undefined],
  ['SLUICE_TEST_KUBECONFIG', undefined],
  // Of a Service "sluice-store" in its namespace.
  ['SLUICE_STORE_SERVICE_HOST', undefined],
  ['SLUICE_STORE_PORT', undefined],
  ['SLUICE_STORE_PORT_8080_TCP_ADDR', undefined],
  ['OTEL_SERVICE_NAMES', undefined],
])('%s means %s', (name, meant) => {
  expect(misspeltVariables({ [name]: 'x' })).toEqual(meant === undefined ? [] : [{ name, meant }]);
});
