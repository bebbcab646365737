import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentBundle } from '@sluice/crds';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { ConfigError } from './config-error.ts';
import { openOtherProviderKeys } from './other-provider-keys.ts';
import { openProviderKey } from './provider-key.ts';

type Provider = NonNullable<AgentBundle['model']['fallbacks']>[number]['provider'];

function bundle(...providers: readonly Provider[]): AgentBundle {
  const base = bundleFixture();
  return { ...base, model: { ...base.model, fallbacks: providers.map((provider) => ({ provider, name: 'm', parameters: { maxOutputTokens: 8 } })) } };
}

function folder(keys: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
  for (const [name, key] of Object.entries(keys)) {
    mkdirSync(join(path, name));
    writeFileSync(join(path, name, 'api-key'), key);
  }
  return path;
}

describe('the keys of the providers that stand in', () => {
  it('are in a folder for each, and taken up anew when they change', () => {
    const path = folder({ openai: 'sk-one\n', other: 'sk-two' });
    const keys = openOtherProviderKeys({ SLUICE_PROVIDER_KEYS_DIR: path }, bundle({ kind: 'OpenAI', name: 'openai' }, { kind: 'OpenAI', name: 'other' }, { kind: 'Anthropic' }));
    expect([keys.of('openai').current(), keys.of('other').current()]).toEqual(['sk-one', 'sk-two']);
    writeFileSync(join(path, 'openai', 'api-key'), 'sk-new');
    expect([keys.of('openai').reload(), keys.of('openai').current()]).toEqual(['changed', 'sk-new']);
    expect(keys.secrets().toSorted()).toEqual(['sk-new', 'sk-one', 'sk-two']);
    expect(() => keys.of('unknown')).toThrow(RangeError);
  });

  it('are not needed where the provider has an endpoint of its own, or is Ollama', () => {
    const keys = openOtherProviderKeys({ SLUICE_PROVIDER_KEYS_DIR: folder({}) }, bundle({ kind: 'OpenAI', endpoint: 'http://vllm.models.svc:8000/v1', name: 'vllm' }, { kind: 'Ollama', name: 'local' }));
    expect(keys.of('vllm').current()).toBe('none');
    expect(keys.secrets()).toEqual([]);
    expect(openProviderKey({}, { kind: 'Ollama' }).current()).toBe('none');
  });

  it('are asked for otherwise, by the file and not by what is in it', () => {
    const path = folder({ bad: 'two words' });
    expect(() => openOtherProviderKeys({ SLUICE_PROVIDER_KEYS_DIR: path }, bundle({ kind: 'OpenAI', name: 'gone' }))).toThrow(ConfigError);
    expect(() => openOtherProviderKeys({ SLUICE_PROVIDER_KEYS_DIR: path }, bundle({ kind: 'OpenAI', name: 'gone' }))).toThrow(/gone\/api-key/);
    const bad = () => openOtherProviderKeys({ SLUICE_PROVIDER_KEYS_DIR: path }, bundle({ kind: 'OpenAI', name: 'bad' }));
    expect(bad).toThrow(ConfigError);
    expect(bad).not.toThrow(/two words/);
  });
});
