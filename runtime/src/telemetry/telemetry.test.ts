import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { createMetrics, requestOutcomes } from './metrics.ts';

function capture(secrets: readonly string[]) {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', revision: 'r1', secrets: () => secrets, destination: { write: (line) => lines.push(line) } });
  return { logger, text: () => lines.join('') };
}

describe('createLogger', () => {
  it('writes JSON with the revision and a level by name', () => {
    const { logger, text } = capture([]);
    logger.info({ request_id: 'r-1' }, 'hello');
    expect(JSON.parse(text())).toMatchObject({ level: 'info', service: 'sluice-runtime', revision: 'r1', request_id: 'r-1', msg: 'hello', time: expect.stringMatching(/Z$/) });
  });

  it('strikes keys out of every line, wherever they are', () => {
    const { logger, text } = capture(['sk-secret-1']);
    logger.error({ err: new Error('401 for sk-secret-1'), note: ['Bearer sk-secret-1'] }, 'failed with sk-secret-1');
    expect(text()).not.toContain('sk-secret-1');
    expect(text()).toContain('[redacted]');
  });

  it('leaves out what was asked and answered, and what hangs on an error', () => {
    const { logger, text } = capture([]);
    const err = Object.assign(new Error('outer', { cause: new Error('the prompt was X') }), { headers: { authorization: 'Bearer Y' }, error: 'body Z' });
    logger.error({ err, prompt: 'P1', request: { input: 'P2', answer: 'P3' }, headers: { cookie: 'P4' } }, 'failed');
    expect(text()).not.toMatch(/P[1-4]|prompt was X|Bearer Y|body Z/);
  });
});

describe('createMetrics', () => {
  it('has every series from the start, at zero', async () => {
    const text = await createMetrics({ agent: 'support', revision: 'r1', tools: ['ticket_read'] }).registry.metrics();
    for (const outcome of requestOutcomes) expect(text).toContain(`sluice_requests_total{outcome="${outcome}"} 0`);
    for (const line of [
      'sluice_request_duration_seconds_bucket{le="0.025"} 0',
      'sluice_request_duration_seconds_bucket{le="60"} 0',
      'sluice_requests_provider_unavailable_total 0',
      'sluice_mirrored_requests_total{outcome="success"} 0',
      'sluice_mirrored_request_duration_seconds_bucket{le="+Inf"} 0',
      'sluice_mirrored_requests_provider_unavailable_total 0',
      'sluice_mirrored_tool_calls_total{tool="ticket_read",outcome="success"} 0',
      'sluice_model_calls_total{outcome="circuit_open"} 0',
      'sluice_provider_circuit_open 0',
      'sluice_requests_in_flight 0',
      'sluice_requests_queued 0',
      'sluice_tool_calls_total{tool="ticket_read",outcome="success"} 0',
      'sluice_tool_call_duration_seconds_count{tool="ticket_read"} 0',
      'sluice_model_calls_total{outcome="rate_limited"} 0',
      'sluice_model_tokens_total{direction="input",outcome="success"} 0',
      'sluice_model_cost_dollars_total{outcome="superseded"} 0',
      'sluice_tool_calls_total{tool="unknown",outcome="refused"} 0',
      'sluice_answers_total{citation="with"} 0',
      'sluice_mirrored_answers_total{citation="without"} 0',
      'sluice_requests_blocked_by_rule_total{rule="model-refusal"} 0',
      'sluice_mirrored_requests_blocked_by_rule_total{rule="other"} 0',
      'sluice_build_info{agent="support",revision="r1"} 1',
    ])
      expect(text).toContain(line);
  });

  it('measures how long requests took, but for rejected ones', async () => {
    const metrics = createMetrics({ agent: 'support', revision: 'r1', tools: [] });
    for (const outcome of requestOutcomes) metrics.request(outcome, 2_000);
    const text = await metrics.registry.metrics();
    expect(text).toContain(`sluice_request_duration_seconds_count ${requestOutcomes.length - 1}`);
    expect(text).toContain(`sluice_request_duration_seconds_sum ${(requestOutcomes.length - 1) * 2}`);
  });

  it('counts copies of requests apart from those of users', async () => {
    const metrics = createMetrics({ agent: 'support', revision: 'r1', tools: ['ticket_read'] });
    metrics.mirrored.request('error', 2_000, { fault: 'provider' });
    metrics.mirrored.toolCall({ tool: 'ticket_read', outcome: 'success', milliseconds: 10 });
    const text = await metrics.registry.metrics();
    expect(text).toContain('sluice_mirrored_requests_total{outcome="error"} 1');
    expect(text).toContain('sluice_mirrored_requests_provider_unavailable_total 1');
    expect(text).toContain('sluice_mirrored_tool_calls_total{tool="ticket_read",outcome="success"} 1');
    for (const ofUsers of ['sluice_requests_total{outcome="error"} 0', 'sluice_requests_provider_unavailable_total 0', 'sluice_request_duration_seconds_count 0', 'sluice_tool_calls_total{tool="ticket_read",outcome="success"} 0']) expect(text).toContain(ofUsers);
  });

  it('shows whether the provider is given up for now', async () => {
    const metrics = createMetrics({ agent: 'support', revision: 'r1', tools: [] });
    let state: 'Open' | 'Closed' = 'Open';
    metrics.watchCircuit(() => state);
    expect(await metrics.registry.metrics()).toContain('sluice_provider_circuit_open 1');
    state = 'Closed';
    expect(await metrics.registry.metrics()).toContain('sluice_provider_circuit_open 0');
  });

  it('shows an agent that hangs by the requests that its callers gave up', async () => {
    const metrics = createMetrics({ agent: 'support', revision: 'r1', tools: [] });
    for (let index = 0; index < 50; index += 1) {
      metrics.request('success', 20);
      metrics.request('cancelled', 10_000);
    }
    const text = await metrics.registry.metrics();
    for (const line of [
      'sluice_requests_total{outcome="success"} 50',
      'sluice_requests_total{outcome="cancelled"} 50',
      'sluice_request_duration_seconds_bucket{le="5"} 50',
      'sluice_request_duration_seconds_bucket{le="10"} 100',
      'sluice_request_duration_seconds_count 100',
    ])
      expect(text).toContain(line);
  });

  it.each([
    ['success', 'superseded'],
    ['cancelled', 'cancelled'],
    ['timeout', 'failed'],
  ] as const)('counts what was paid for no reply beside a call that ended as %s as %s', async (outcome, paid) => {
    const metrics = createMetrics({ agent: 'a', revision: 'r', tools: [] });
    metrics.modelCall({ outcome, ...(outcome === 'success' ? { usage: { inputTokens: 5, outputTokens: 2, dollars: 0.5 } } : {}), unanswered: { inputTokens: 7, outputTokens: 3, dollars: 0.25 } });
    const text = await metrics.registry.metrics();
    const succeeded = outcome === 'success' ? [5, 2, 0.5] : [0, 0, 0];
    for (const [label, [input, output, dollars]] of [['success', succeeded], [paid, [7, 3, 0.25]]] as const) {
      expect(text).toContain(`sluice_model_tokens_total{direction="input",outcome="${label}"} ${input}`);
      expect(text).toContain(`sluice_model_tokens_total{direction="output",outcome="${label}"} ${output}`);
      expect(text).toContain(`sluice_model_cost_dollars_total{outcome="${label}"} ${dollars}`);
    }
    expect(text).toContain(`sluice_model_calls_total{outcome="${outcome}"} 1`);
  });

  it('keeps two servers in one process apart', async () => {
    const [one, two] = [createMetrics({ agent: 'a', revision: 'r', tools: [] }), createMetrics({ agent: 'b', revision: 'r', tools: [] })];
    one.modelCall({ outcome: 'success', usage: { inputTokens: 5, outputTokens: 2 } });
    expect(await one.registry.metrics()).toContain('sluice_model_tokens_total{direction="input",outcome="success"} 5');
    expect(await two.registry.metrics()).toContain('sluice_model_tokens_total{direction="input",outcome="success"} 0');
  });
});
