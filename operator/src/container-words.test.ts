import { expect, it } from 'vitest';
import { containerWords, kubeletWords } from './container-words.ts';

it.each([
  ['connect postgres://user:hunter2@db:5432/agents', 'connect postgres://***@db:5432/agents'],
  ['password=hunter2, host=db', 'password=***'],
  ['pass=hunter2', 'pass=***'],
  ['{"api_key": "hunter2"}', '{"api_key": ***'],
  ["env: { OPENAI_KEY: 'hunter2' }", 'env: { OPENAI_KEY: ***'],
  ['Authorization: Bearer hunter2', 'Authorization: ***'],
  ['sent Basic hunter2 and was refused', 'sent Basic *** and was refused'],
  ['401 Incorrect API key provided: sk-proj-hunter2. You can find your API key at', '401 Incorrect API key provided: ***. You can find your API key at'],
  ['x-api-key header "sk-ant-api03-hunter2" is invalid', 'x-api-key header "***" is invalid'],
  ['ghp_hunter2hunter2 rejected', '*** rejected'],
  ['AKIAHUNTER2HUNTER2 wJalrXUtnFEMI/K7MDENG/hunter2', '*** ***'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJl expired', '*** expired'],
  ['found 9f86d081884c7d659a2feaa0c55ad015 in the request', 'found *** in the request'],
])('strikes out what may be a credential: %s', (said, quoted) => {
  expect(containerWords(said)).toBe(quoted);
  expect(containerWords(said)).not.toContain('hunter2');
});

it.each([
  'SLUICE_PORT: must be a number (now "abc")',
  'the environment variable PROVIDER_API_KEY is not set: mount the Secret that spec.apiKeySecretRef names',
  "Cannot find module '/usr/local/lib/node_modules/agent2/index.js'",
  'connect ECONNREFUSED 10.96.0.1:443 (https://llm.example.com/v1/messages)',
  'error:  OOM after 2500 requests',
])('leaves what helps to find the fault: %s', (said) => {
  expect(containerWords(said)).toBe(said);
});

it.each([
  ['Back-off pulling image "registry.example.com/team/agent:1.4.0-20251122abcdef0123"', 'Back-off pulling image "registry.example.com/team/agent:1.4.0-20251122abcdef0123"'],
  ['failed to pull https://robot:hunter2@registry.example.com/v2', 'failed to pull https://***@registry.example.com/v2'],
  ['secret "anthropic-key" not found', 'secret "anthropic-key" not found'],
])('quotes the kubelet: %s', (said, quoted) => {
  expect(kubeletWords(said)).toBe(quoted);
});
