import { z } from 'zod';

export interface Schemas {
  /** @param io what is sent to the server, or what it says */
  of(schema: z.ZodType, io: 'input' | 'output'): object;
  /** The schemas that have a name, found so far. */
  named(): Record<string, unknown>;
}

/** Schemas of the server as JSON Schema, those with a name as references to `components`. */
export function createSchemas(target: 'draft-2020-12' | 'draft-7'): Schemas {
  const names: Record<string, unknown> = {};
  return {
    of(schema, io) {
      // A name of its own would be left out at the top.
      const made = z.toJSONSchema(z.object({ schema }), { io, target, override: simplify });
      const text = JSON.stringify(made).replaceAll(/"#\/(?:\$defs|definitions)\//g, '"#/components/schemas/');
      const { properties, $defs, definitions } = JSON.parse(text);
      Object.assign(names, $defs, definitions);
      return properties.schema;
    },
    named: () => Object.fromEntries(Object.entries(names).sort()),
  };
}

/** Takes out what says nothing, and lets what is said grow: a client passes over fields it does not know. */
function simplify({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  // The format says the same.
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}
