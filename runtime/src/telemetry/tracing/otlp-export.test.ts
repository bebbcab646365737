import { afterEach, describe, expect, it } from 'vitest';
import { bundleFixture, ticketTool } from '../../testing/bundle-fixture.ts';
import { freePort, sendJson, startLoopbackServer, type LoopbackServer } from '../../testing/loopback-server.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../../testing/otlp-receiver.ts';
import { jsonFile } from '../../testing/runtime-process.ts';
import { startedRuntime, type StartedRuntime } from '../../testing/started-runtime.ts';
import { anthropicWire } from '../../testing/wire-formats.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Rig {
  readonly runtime: StartedRuntime;
  readonly receiver: OtlpReceiver;
  readonly provider: LoopbackServer;
  readonly tickets: LoopbackServer;
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentSpan = 'b7ad6b7169203331';

async function startRig(environment: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const receiver = await startOtlpReceiver();
  const tickets = await startLoopbackServer((_exchange, response) => sendJson(response, 200, { state: 'private ticket text' }));
  const provider = await startLoopbackServer(anthropicWire.whole({ tool: { name: 'ticket_read', input: { id: 'private-7' } } }), anthropicWire.whole({ text: 'Private answer.' }));
  const tool = ticketTool({ http: { method: 'GET', url: `${tickets.url}/v1/tickets/{id}`, allowedHosts: ['127.0.0.1'], allowedNetworks: ['127.0.0.0/8'] } });
  const base = bundleFixture({ tools: [tool] });
  const bundle = jsonFile({ ...base, model: { ...base.model, provider: { kind: 'Anthropic', endpoint: provider.url } } });
  const runtime = await startedRuntime('serve', { SLUICE_BUNDLE_FILE: bundle, SLUICE_REVISION: 'r7', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '200', ...environment });
  closers.push(receiver.close, tickets.close, provider.close, async () => {
    runtime.signal('SIGTERM');
    await runtime.exited;
  });
  return { runtime, receiver, provider, tickets };
}

async function ask(rig: Rig): Promise<Response> {
  const headers = { 'content-type': 'application/json', traceparent: `00-${traceId}-${parentSpan}-01`, tracestate: 'vendor=1' };
  return await fetch(`${rig.runtime.url}/v1/invoke`, { method: 'POST', headers, body: JSON.stringify({ request_id: 'r-1', input: { text: 'Private question?' } }) });
}

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const span = spans.find((each) => each.name === name);
  if (span === undefined) throw new Error(`no span ${name} among ${spans.map((each) => each.name).join(', ')}`);
  return span;
}

const wait = { timeout: 60_000 };

/** Ends what hangs: processes start slowly on a machine that does other things too. */
const processTimeout = 240_000;

describe.each(['http/protobuf', 'http/json'])('OTLP by %s', { timeout: processTimeout }, (protocol) => {
  it('tells a request with its model calls and tools in the trace of its caller, and never what was said', async () => {
    const rig = await startRig({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20otlp-secret-1' });
    expect((await ask(rig)).status).toBe(200);
    await expect.poll(() => rig.receiver.spans().map((span) => span.name), wait).toContain('POST /v1/invoke');
    const spans = rig.receiver.spans();
    const request = named(spans, 'POST /v1/invoke');
    const agent = named(spans, 'invoke_agent support');
    const tool = named(spans, 'execute_tool ticket_read');
    const models = spans.filter((span) => span.name === 'chat model-1');
    expect(request).toMatchObject({ traceId, parentSpanId: parentSpan, kind: 2, attributes: { 'http.route': '/v1/invoke', 'http.response.status_code': 200, 'sluice.request_id': 'r-1', 'sluice.traffic': 'user' } });
    expect(agent).toMatchObject({ traceId, parentSpanId: request.spanId, attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.version': 'r7', 'gen_ai.usage.input_tokens': 22, 'sluice.outcome': 'success', 'sluice.request_id': 'r-1' } });
    expect(models).toHaveLength(2);
    for (const model of models) expect(model).toMatchObject({ traceId, parentSpanId: agent.spanId, kind: 3, attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': 'model-1', 'gen_ai.usage.input_tokens': 11, 'sluice.request_id': 'r-1' } });
    expect(tool).toMatchObject({ traceId, parentSpanId: agent.spanId, kind: 1, attributes: { 'gen_ai.tool.name': 'ticket_read', 'gen_ai.tool.call.id': 'tool-1', 'sluice.outcome': 'success' } });
    expect(request.resource).toMatchObject({ 'service.name': 'support', 'service.namespace': 'shop', 'sluice.revision': 'r7', 'sluice.policy_version': 'support@r7' });
    expect(rig.tickets.exchanges[0]?.headers).toMatchObject({ traceparent: `00-${traceId}-${tool.spanId}-01`, tracestate: 'vendor=1' });
    expect(new Set(rig.provider.exchanges.map(({ headers }) => headers['traceparent']))).toEqual(new Set(models.map(({ spanId }) => `00-${traceId}-${spanId}-01`)));
    expect(rig.receiver.headers()[0]?.authorization).toBe('Bearer otlp-secret-1');
    await expect.poll(() => rig.receiver.points().map((point) => point.metric), wait).toContain('gen_ai.invoke_agent.duration');
    const tokens = rig.receiver.points().filter((point) => point.metric === 'gen_ai.client.token.usage' && point.attributes['gen_ai.token.type'] === 'input');
    expect(tokens.at(-1)).toMatchObject({ unit: '{token}', count: 2, sum: 22 });
    expect(rig.receiver.raw()).not.toMatch(/[Pp]rivate|You help|sk-test/);
    expect(rig.runtime.stdout()).not.toContain('otlp-secret-1');
  });
});

describe('a collector', { timeout: processTimeout }, () => {
  it('that is away slows no request and is told of once', async () => {
    const rig = await startRig({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`, OTEL_BSP_MAX_QUEUE_SIZE: '8', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4', OTEL_BSP_EXPORT_TIMEOUT: '1000' });
    for (let index = 0; index < 20; index += 1) expect((await ask(rig)).status).toBe(200);
    await expect.poll(async () => Number(/sluice_telemetry_export_problems_total (\d+)/.exec(await (await fetch(`${rig.runtime.url}/metrics`)).text())?.[1]), wait).toBeGreaterThan(0);
    expect((await ask(rig)).status).toBe(200);
    expect(rig.runtime.stdout().split('telemetry could not be sent')).toHaveLength(2);
  });

  it('that hangs does not hold the end of the process beyond its time', async () => {
    const silent = await startLoopbackServer(() => {});
    const rig = await startRig({ OTEL_EXPORTER_OTLP_ENDPOINT: silent.url, OTEL_BSP_EXPORT_TIMEOUT: '500', OTEL_EXPORTER_OTLP_TIMEOUT: '500' });
    closers.unshift(silent.close);
    expect((await ask(rig)).status).toBe(200);
    rig.runtime.signal('SIGTERM');
    expect(await rig.runtime.exited).toBe(0);
  });
});

describe('without a collector', { timeout: processTimeout }, () => {
  it('the context of the caller is handed on as it came', async () => {
    const rig = await startRig({ OTEL_SDK_DISABLED: 'true' });
    expect((await ask(rig)).headers.get('x-trace-id')).toBe(traceId);
    for (const { headers } of [...rig.tickets.exchanges, ...rig.provider.exchanges]) expect(headers).toMatchObject({ traceparent: `00-${traceId}-${parentSpan}-01`, tracestate: 'vendor=1' });
    const metrics = await (await fetch(`${rig.runtime.url}/metrics`)).text();
    expect(metrics).toContain('gen_ai_client_token_usage_sum{gen_ai_operation_name="chat",gen_ai_provider_name="anthropic",gen_ai_request_model="model-1",gen_ai_token_type="input"} 22');
    expect(rig.receiver.raw()).toBe('');
  });
});
