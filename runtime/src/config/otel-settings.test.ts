import { describe, expect, it } from 'vitest';
import { readOtelSettings } from './otel-settings.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('readOtelSettings', () => {
  it.each([
    ['nothing is named', {}, [false, false]],
    ['an endpoint is', endpoint, [true, true]],
    ['an endpoint of traces is', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces' }, [true, false]],
    ['the exporter is', { OTEL_TRACES_EXPORTER: 'otlp' }, [true, false]],
    ['one is none', { ...endpoint, OTEL_METRICS_EXPORTER: 'none' }, [true, false]],
    ['Prometheus has the metrics', { ...endpoint, OTEL_METRICS_EXPORTER: 'prometheus' }, [true, false]],
    ['all is disabled', { ...endpoint, OTEL_SDK_DISABLED: 'True' }, [false, false]],
    ['a variable is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, [false, false]],
  ])('sends what it should when %s', (_name, environment, on) => {
    const { traces, metrics } = readOtelSettings(environment);
    expect([traces !== undefined, metrics !== undefined]).toEqual(on);
  });

  it.each([
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL is no protocol of this runtime (got "grpc"). Set it to one of http/protobuf, http/json'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'x' }, 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL'],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER is no exporter of this runtime (got "zipkin"). Set it to otlp or none.'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT is no http or https URL'],
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, 'OTEL_TRACES_SAMPLER is no sampler'],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG is no share (got "2")'],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '-1' }, 'OTEL_BSP_MAX_QUEUE_SIZE is no whole number'],
  ])('says what is wrong with %j', (environment, sentence) => {
    expect(() => readOtelSettings(environment)).toThrow(sentence);
  });

  it('keeps the values of headers as what no log line may hold, and out of errors', () => {
    const environment = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc-1,x-key=def-2', OTEL_TRACES_EXPORTER: 'otlp' };
    expect(readOtelSettings(environment).secrets).toEqual(['Bearer%20abc-1', 'Bearer abc-1', 'def-2']);
    expect(() => readOtelSettings({ ...environment, OTEL_TRACES_SAMPLER: 'x' })).not.toThrow('abc-1');
  });
});
