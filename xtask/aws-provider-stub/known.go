package main

import "strings"

// What the real provider's schema has and the package does not carry.

// secrets are the attributes that the real provider marks as sensitive and that our modules could touch.
var secrets = map[string]bool{
	"password": true, "password_wo": true, "master_password": true, "auth_token": true, "secret_string": true,
	"secret_string_wo": true, "secret_binary": true, "passwords": true, "private_key": true,
}

// filled are the attributes that AWS fills in when they are left out: the package does not tell them from those that
// stay empty. An attribute that is missing here is null in a plan where the real provider says "known after apply".
var filled = map[string]bool{
	"id": true, "tags_all": true, "region": true, "availability_zone": true, "endpoint": true, "identifier": true,
	"bucket": true, "arn": true, "name": true, "owner_id": true, "account_id": true,
}

// depth is how deep the real provider lets statements of a WAF rule stand in each other.
const depth = 3

func complete(catalogue *Catalogue) {
	for _, blocks := range []map[string]*Block{catalogue.Resources, catalogue.DataSources} {
		for _, block := range blocks {
			mark(block)
		}
	}
	for _, name := range []string{"aws_wafv2_web_acl", "aws_wafv2_rule_group"} {
		rule := catalogue.Resources[name].Blocks["rule"].Block
		delete(rule.Attributes, "statement")
		rule.Blocks["statement"] = &Nested{Nesting: "list", Min: 1, Max: 1, Block: statement(depth)}
	}
}

func mark(block *Block) {
	for name, attribute := range block.Attributes {
		attribute.WriteOnly = strings.HasSuffix(name, "_wo") && attribute.Optional && !attribute.Computed
		attribute.Computed = attribute.Computed || (attribute.Optional && filled[name])
		attribute.Sensitive = attribute.Sensitive || secrets[name]
	}
	for _, nested := range block.Blocks {
		mark(nested.Block)
	}
}

// statement is a WAF rule's condition.
func statement(depth int) *Block {
	match := func(attributes map[string]*Attribute) *Block {
		return &Block{Attributes: attributes, Blocks: map[string]*Nested{
			"field_to_match": one(field()),
			"text_transformation": {Nesting: "set", Min: 1, Block: &Block{Attributes: map[string]*Attribute{
				"priority": required("number"), "type": required("string"),
			}}},
		}}
	}
	result := &Block{Blocks: map[string]*Nested{
		"managed_rule_group_statement": one(managed(depth)),
		"rate_based_statement":         one(rate(depth)),
		"label_match_statement": one(&Block{Attributes: map[string]*Attribute{
			"key": required("string"), "scope": required("string"),
		}}),
		"byte_match_statement": one(match(map[string]*Attribute{
			"positional_constraint": required("string"), "search_string": required("string"),
		})),
		"size_constraint_statement": one(match(map[string]*Attribute{
			"comparison_operator": required("string"), "size": required("number"),
		})),
		"regex_match_statement": one(match(map[string]*Attribute{"regex_string": required("string")})),
		"ip_set_reference_statement": one(&Block{Attributes: map[string]*Attribute{
			"arn": required("string"),
		}}),
	}}
	if depth > 1 {
		inner := statement(depth - 1)
		result.Blocks["not_statement"] = one(&Block{Blocks: map[string]*Nested{
			"statement": {Nesting: "list", Min: 1, Max: 1, Block: inner},
		}})
		for _, name := range []string{"and_statement", "or_statement"} {
			result.Blocks[name] = one(&Block{Blocks: map[string]*Nested{
				"statement": {Nesting: "list", Min: 1, Block: inner},
			}})
		}
	}
	return result
}

func managed(depth int) *Block {
	actions := map[string]*Nested{}
	for _, name := range []string{"allow", "block", "captcha", "challenge", "count"} {
		actions[name] = one(&Block{})
	}
	return narrowed(depth, &Block{
		Attributes: map[string]*Attribute{
			"name": required("string"), "vendor_name": required("string"), "version": optional("string"),
		},
		Blocks: map[string]*Nested{"rule_action_override": {Nesting: "list", Max: 100, Block: &Block{
			Attributes: map[string]*Attribute{"name": required("string")},
			Blocks:     map[string]*Nested{"action_to_use": {Nesting: "list", Min: 1, Max: 1, Block: &Block{Blocks: actions}}},
		}}},
	})
}

func rate(depth int) *Block {
	return narrowed(depth, &Block{
		Attributes: map[string]*Attribute{
			"limit": required("number"), "aggregate_key_type": optional("string"), "evaluation_window_sec": optional("number"),
		},
		Blocks: map[string]*Nested{},
	})
}

// narrowed lets the statement be asked only where another one holds.
func narrowed(depth int, block *Block) *Block {
	if depth > 1 {
		block.Blocks["scope_down_statement"] = one(statement(depth - 1))
	}
	return block
}

// field is the part of a request that a statement looks at.
func field() *Block {
	result := &Block{Blocks: map[string]*Nested{}}
	for _, name := range []string{"all_query_arguments", "method", "query_string", "uri_path"} {
		result.Blocks[name] = one(&Block{})
	}
	result.Blocks["body"] = one(&Block{Attributes: map[string]*Attribute{"oversize_handling": optional("string")}})
	result.Blocks["single_header"] = one(&Block{Attributes: map[string]*Attribute{"name": required("string")}})
	return result
}

func one(block *Block) *Nested { return &Nested{Nesting: "list", Max: 1, Block: block} }

func required(kind string) *Attribute { return &Attribute{Type: encode(kind), Required: true} }

func optional(kind string) *Attribute { return &Attribute{Type: encode(kind), Optional: true} }
