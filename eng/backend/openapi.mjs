// The root of the API: the OpenAPI description that PostgREST 14 gives of a schema, and a hosted project to its secret keys only.
const types = {
  'character varying': 'string', character: 'string', text: 'string', boolean: 'boolean', smallint: 'integer', integer: 'integer', bigint: 'integer',
  numeric: 'number', real: 'number', 'double precision': 'number', json: undefined, jsonb: undefined,
};

const tables = schema => `
select c.relname as name, obj_description(c.oid, 'pg_class') as description, c.relkind in ('r', 'p') as writes,
  (select json_agg(json_build_object(
      'name', a.attname,
      'notNull', a.attnotnull or (t.typtype = 'd' and t.typnotnull),
      'type', case when b.typnamespace = 'pg_catalog'::regnamespace then format_type(b.oid, null) else format_type(b.oid, a.atttypmod) end,
      'maxLength', case when b.typname in ('varchar', 'bpchar') and a.atttypmod > 0 then a.atttypmod - 4 end,
      'description', col_description(c.oid, a.attnum),
      'enum', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = b.oid),
      'pk', exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey::int2[])),
      'fk', (select json_build_array(p.relname, r.attname) from pg_constraint f join pg_class p on p.oid = f.confrelid
        join pg_attribute r on r.attrelid = f.confrelid and r.attnum = f.confkey[1]
        where f.conrelid = c.oid and f.contype = 'f' and f.conkey = array[a.attnum] and p.relnamespace = c.relnamespace order by p.relname limit 1)) order by a.attnum)
    from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = '${schema.replaceAll("'", "''")}' and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and (has_table_privilege('service_role', c.oid, 'select, insert, update, delete') or has_any_column_privilege('service_role', c.oid, 'select, insert, update'))
order by c.relname`;

/** The answer to GET /rest/v1/; null for any other request. */
export async function answerOpenApi(incoming, settings, schemas, exec) {
  const { pathname } = new URL(incoming.url);
  if (incoming.method !== 'GET' || !/^\/rest\/v1\/?$/.test(pathname)) return null;
  if (incoming.headers.get('apikey') !== settings.secretKey) {
    return answer(401, { message: 'Access to schema is forbidden', hint: 'Accessing the schema via the Data API is only allowed using a secret API key.' });
  }
  const schema = incoming.headers.get('accept-profile') ?? schemas[0];
  if (!schemas.includes(schema)) {
    return answer(406, { code: 'PGRST106', details: null, hint: `Only the following schemas are exposed: ${schemas.join(', ')}`, message: `Invalid schema: ${schema}` });
  }
  const found = await exec(tables(schema));
  return answer(200, {
    swagger: '2.0',
    info: { title: 'standard public schema', description: '', version: '14.1' },
    host: new URL(incoming.url).host,
    basePath: '/',
    schemes: ['http'],
    paths: Object.fromEntries([['/', { get: {} }], ...found.map(table => [`/${table.name}`, table.writes ? { get: {}, post: {}, patch: {}, delete: {} } : { get: {} }])]),
    definitions: Object.fromEntries(found.map(table => [table.name, definition(table)])),
  }, 'application/openapi+json; charset=utf-8');
}

const definition = table => ({
  ...(table.description ? { description: table.description } : {}),
  required: table.columns.filter(column => column.notNull).map(column => column.name),
  properties: Object.fromEntries(table.columns.map(column => [column.name, property(column)])),
  type: 'object',
});

function property(column) {
  const isArray = column.type.endsWith('[]');
  const notes = [
    ...(column.pk ? ['This is a Primary Key.<pk/>'] : []),
    ...(column.fk ? [`This is a Foreign Key to \`${column.fk[0]}.${column.fk[1]}\`.<fk table='${column.fk[0]}' column='${column.fk[1]}'/>`] : []),
  ];
  const noted = ['Note:', ...notes].join('\n');
  const description = notes.length === 0 ? column.description : column.description ? `${column.description}\n\n${noted}` : noted;
  return {
    ...(description ? { description } : {}),
    ...(column.enum ? { enum: column.enum } : {}),
    format: column.type,
    ...(column.maxLength ? { maxLength: column.maxLength } : {}),
    type: isArray ? 'array' : column.type in types ? types[column.type] : 'string',
    ...(isArray ? { items: { type: types[column.type.slice(0, -2)] ?? 'string' } } : {}),
  };
}

const answer = (status, body, type = 'application/json; charset=utf-8') => new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });
