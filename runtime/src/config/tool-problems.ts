import type { AgentBundle, BundleTool } from '@sluice/crds';
import { compileArguments } from '../tools/arguments.ts';
import { compileExpression, ExpressionError } from '../tools/jmespath.ts';
import { OpenapiError } from '../tools/openapi/openapi-error.ts';
import { parseOpenapi } from '../tools/openapi/openapi-document.ts';
import { readOperation } from '../tools/openapi/operation.ts';
import { ToolSchemaError } from '../tools/tool-schema-error.ts';
import { parseUrlTemplate } from '../tools/url-template.ts';
import type { ConfigProblem } from './config-error.ts';
import { destinationProblems } from './destination-problems.ts';

interface Place {
  readonly tool: BundleTool;
  readonly at: string;
  readonly bundle: AgentBundle;
}

type ToolCheck = (place: Place) => readonly ConfigProblem[];

const kinds = ['http', 'mcp', 'openapi', 'knowledge', 'transform'] as const;

const kindProblems: ToolCheck = ({ tool, at }) => {
  const found = kinds.filter((kind) => tool[kind] !== undefined);
  if (found.length === 1) return [];
  return [{ field: at, value: found.join(', '), problem: `must have exactly one of ${kinds.join(', ')}`, fix: 'Say what the tool calls, and write a second tool for another' }];
};

function schemaProblem(schema: Readonly<Record<string, unknown>> | undefined, field: string): readonly ConfigProblem[] {
  if (schema === undefined) return [];
  try {
    compileArguments(schema);
    return [];
  } catch (error) {
    if (!(error instanceof ToolSchemaError)) throw error;
    return [{ field, problem: `is no JSON schema: ${error.message}`, fix: 'Write a schema of draft 2020-12' }];
  }
}

const parameterProblems: ToolCheck = ({ tool: { parameters }, at }) => {
  const field = `${at}.parameters`;
  if (parameters !== undefined && parameters['type'] !== 'object') return [{ field: `${field}.type`, value: parameters['type'] ?? null, problem: 'must be "object"', fix: 'Describe the arguments as one JSON schema object' }];
  return schemaProblem(parameters, field);
};

const placeholderProblems: ToolCheck = ({ tool: { http, parameters }, at }) => {
  const properties = parameters?.['properties'];
  const known = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  return (http === undefined ? [] : parseUrlTemplate(http.url).names).flatMap((name) => {
    if (known.includes(name)) return [];
    return [{ field: `${at}.http.url`, problem: `has the placeholder {${name}}, which is no property of the parameters`, fix: `Add "${name}" to parameters.properties, or correct the placeholder` }];
  });
};

const reachProblems: ToolCheck = ({ tool: { http, mcp }, at }) => [...destinationProblems(http, `${at}.http`), ...destinationProblems(mcp, `${at}.mcp`)];

function expressionProblem(expression: string | undefined, field: string): readonly ConfigProblem[] {
  if (expression === undefined) return [];
  try {
    compileExpression(expression);
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [{ field, value: expression, problem: `is no JMESPath expression: ${error.message}`, fix: 'Correct it, for example "items[].{id: id, name: title}"' }];
  }
}

const expressionProblems: ToolCheck = ({ tool: { select, transform, write }, at }) => [
  ...expressionProblem(select?.arguments, `${at}.select.arguments`),
  ...expressionProblem(select?.result, `${at}.select.result`),
  ...expressionProblem(transform?.expression, `${at}.transform.expression`),
  ...expressionProblem(write?.approval?.before?.arguments, `${at}.write.approval.before.arguments`),
];

const retryProblems: ToolCheck = ({ tool: { retries, idempotent }, at }) =>
  retries === undefined || idempotent === true ? [] : [{ field: `${at}.retries`, value: retries, problem: 'is for tools that are declared idempotent', fix: 'Write idempotent: true if a second call does no harm, or remove retries' }];

const writeProblems: ToolCheck = ({ tool: { write, effect }, at, bundle }) => {
  if (write === undefined) return [];
  if (effect === 'Read') return [{ field: `${at}.write`, problem: 'is for tools with effect Write', fix: 'Set the effect, or remove write' }];
  const before = write.approval?.before?.tool;
  const reads = bundle.tools.some((each) => each.name === before && each.effect === 'Read');
  const unknown = before === undefined || reads ? [] : [{ field: `${at}.write.approval.before.tool`, value: before, problem: 'is no tool of the agent with effect Read', fix: 'Name one, or remove before' }];
  return [...unknown, ...schemaProblem(write.approval?.arguments, `${at}.write.approval.arguments`)];
};

const operationProblems: ToolCheck = ({ tool: { openapi }, at, bundle }) => {
  if (openapi === undefined) return [];
  const index = (bundle.openapi ?? []).findIndex(({ name }) => name === openapi.document);
  const found = bundle.openapi?.[index];
  if (found === undefined) return [{ field: `${at}.openapi.document`, value: openapi.document, problem: 'is no document of the agent', fix: 'Correct the name, or add the document to openapi' }];
  try {
    compileArguments(readOperation(parseOpenapi(found.document), openapi.operationId, found).parameters);
    return [];
  } catch (error) {
    if (!(error instanceof OpenapiError || error instanceof ToolSchemaError)) throw error;
    return [{ field: `${at}.openapi`, value: openapi.operationId, problem: `cannot be called: ${error.message}`, fix: `Correct openapi[${index}].document, or name another operation` }];
  }
};

const knowledgeProblems: ToolCheck = ({ tool: { knowledge }, at, bundle }) =>
  knowledge === undefined || bundle.knowledge?.some(({ name }) => name === knowledge.source) === true ? [] : [{ field: `${at}.knowledge.source`, value: knowledge.source, problem: 'is no collection of the agent', fix: 'Correct the name, or add the collection to knowledge' }];

function credentialProblem(name: string | undefined, field: string, { credentials = [] }: AgentBundle): readonly ConfigProblem[] {
  return name === undefined || credentials.some((each) => each.name === name) ? [] : [{ field, value: name, problem: 'is no credential of the agent', fix: 'Correct the name, or add the credential to credentials' }];
}

const credentialProblems: ToolCheck = ({ tool: { http, mcp }, at, bundle }) => [...credentialProblem(http?.credential, `${at}.http.credential`, bundle), ...credentialProblem(mcp?.credential, `${at}.mcp.credential`, bundle)];

const listProblems: ToolCheck = ({ tool: { mcp, parameters }, at }) =>
  mcp?.schema === 'Server' && parameters !== undefined ? [{ field: `${at}.parameters`, problem: 'exclude mcp.schema: Server', fix: 'Remove the parameters, or set schema: Given' }] : [];

const checks: readonly ToolCheck[] = [kindProblems, parameterProblems, placeholderProblems, reachProblems, expressionProblems, retryProblems, writeProblems, operationProblems, knowledgeProblems, credentialProblems, listProblems];

function collectionProblems({ knowledge = [] }: AgentBundle): readonly ConfigProblem[] {
  return knowledge.flatMap(({ documents, directory, name }, index) => {
    const ids = (documents ?? []).map(({ id }) => id);
    const twice = ids.find((id, place) => ids.indexOf(id) !== place);
    if (twice !== undefined) return [{ field: `knowledge[${index}].documents`, value: twice, problem: 'has two documents of this id', fix: 'Give each document an id of its own' }];
    return (documents === undefined) === (directory === undefined) ? [{ field: `knowledge[${index}]`, value: name, problem: 'must have exactly one of documents and directory', fix: 'Write the documents, or name the folder that holds them' }] : [];
  });
}

/** What is wrong with the tools of a bundle and with what they share. */
export function toolProblems(bundle: AgentBundle): readonly ConfigProblem[] {
  return [
    ...bundle.tools.flatMap((tool, index) => checks.flatMap((check) => check({ tool, at: `tools[${index}]`, bundle }))),
    ...(bundle.openapi ?? []).flatMap((document, index) => [...destinationProblems(document, `openapi[${index}]`), ...credentialProblem(document.credential, `openapi[${index}].credential`, bundle)]),
    ...(bundle.credentials ?? []).flatMap(({ oauth }, index) => destinationProblems(oauth, `credentials[${index}].oauth`)),
    ...collectionProblems(bundle),
  ];
}
