# Holds JSON values to a JSON Schema, as far as the schemas in share/ go:
#
#     jq -n --slurpfile schema share/report.schema.json -f schema.jq < FILE
#
# prints one line for each thing that is wrong, and nothing when all is as it should be.

def kind: if type == "number" and . == floor then "integer" else type end;
def is_type($name): kind == $name or ($name == "number" and kind == "integer");

def faults($schema; $root; $path):
  if $schema["$ref"] then
    faults($root["$defs"][$schema["$ref"] | ltrimstr("#/$defs/")]; $root; $path)
  elif $schema.oneOf then
    . as $value
    | [$schema.oneOf[] | . as $one | [$value | faults($one; $root; $path)]] as $all
    | if [$all[] | select(. == [])] | length == 1 then empty
      else ($all | min_by([(map(select(test(" is not "))) | length), length]) | .[])
      end
  else
    . as $value
    | (if $schema | has("const") and .const != $value
       then "\($path): \($value) is not \($schema.const)" else empty end),
      (if $schema.enum and ($schema.enum | index([$value]) | not)
       then "\($path): \($value) is none of \($schema.enum)" else empty end),
      (if $schema.type and (is_type($schema.type) | not)
       then "\($path): \($value) is no \($schema.type)" else empty end),
      (if $schema.minimum and kind != "string" and $value < $schema.minimum
       then "\($path): \($value) is below \($schema.minimum)" else empty end),
      (if $schema.required and kind == "object" then
         $schema.required[] | select(. as $key | $value | has($key) | not)
         | "\($path): \(.) is missing"
       else empty end),
      (if $schema.properties and kind == "object" then
         to_entries[] | .key as $key | .value
         | if $schema.properties[$key] then
             faults($schema.properties[$key]; $root; "\($path).\($key)")
           else "\($path): no key is called \($key)" end
       else empty end),
      (if $schema.items and kind == "array" then
         to_entries[] | .key as $i | .value
         | faults($schema.items; $root; "\($path)[\($i)]")
       else empty end)
  end;

$schema[0] as $root | inputs | faults($root; $root; "")
