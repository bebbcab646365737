import type { z } from 'zod';
import { apiGroup, apiVersion } from './kinds.ts';
import { toStructuralSchema, type CelRule, type StructuralSchema } from './structural-schema.ts';

/** One column of `kubectl get`. Columns with a priority above 0 are shown by `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: number;
}

export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath: string;
}

/** One kind of the group sluice.dev; every kind is namespaced. */
export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: z.ZodType;
  /** Set: the kind has a status subresource. */
  readonly status?: z.ZodType;
  readonly scale?: ScalePaths;
  readonly columns: readonly PrinterColumn[];
  /** Rules on the whole object; of the metadata, CEL sees name and generateName only. */
  readonly rules: readonly CelRule[];
}

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: StructuralSchema;
}

/** The schema of the whole object as the API server holds it. Throws NotStructuralError. */
export function objectSchema({ kind, description, spec, status, rules }: KindDefinition): StructuralSchema {
  return {
    description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: `Always "${apiGroup}/${apiVersion}".` },
      kind: { type: 'string', description: `Always "${kind}".` },
      metadata: { type: 'object' },
      spec: toStructuralSchema(spec),
      ...(status === undefined ? {} : { status: toStructuralSchema(status) }),
    },
    ...(rules.length === 0 ? {} : { 'x-kubernetes-validations': rules }),
  };
}

/** The CustomResourceDefinition of a kind; plain JSON. Throws NotStructuralError. */
export function customResourceDefinition(definition: KindDefinition): CustomResourceDefinition {
  const { kind, plural, singular, shortNames } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${apiGroup}` },
    spec: {
      group: apiGroup,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories: ['sluice'] },
      versions: [
        {
          name: apiVersion,
          served: true,
          storage: true,
          additionalPrinterColumns: definition.columns,
          ...subresources(definition),
          schema: { openAPIV3Schema: objectSchema(definition) },
        },
      ],
    },
  };
}

function subresources({ status, scale }: KindDefinition): StructuralSchema {
  if (status === undefined && scale === undefined) return {};
  return { subresources: { ...(status === undefined ? {} : { status: {} }), ...(scale === undefined ? {} : { scale }) } };
}
