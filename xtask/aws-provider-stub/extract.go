package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// extract reads the package as npm packs it and writes the catalogue.
func extract(archive, schema string) error {
	catalogue := &Catalogue{Resources: map[string]*Block{}, DataSources: map[string]*Block{}}
	if err := eachModule(archive, catalogue.take); err != nil {
		return fmt.Errorf("reading %s: %w", archive, err)
	}
	if catalogue.Provider == nil || len(catalogue.Resources) < 1000 || len(catalogue.DataSources) < 500 {
		return fmt.Errorf("%s holds %d resources and %d data sources: this is not the AWS provider",
			archive, len(catalogue.Resources), len(catalogue.DataSources))
	}
	complete(catalogue)
	return catalogue.write(schema)
}

// eachModule hands over the compiled modules of the package.
func eachModule(archive string, take func(map[string]*class) error) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	for entries := tar.NewReader(packed); ; {
		header, err := entries.Next()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if !strings.HasPrefix(header.Name, "package/lib/") || !strings.HasSuffix(header.Name, "/index.js") {
			continue
		}
		classes, err := readClasses(entries)
		if err != nil {
			return err
		}
		if err := take(classes); err != nil {
			return fmt.Errorf("%s: %w", header.Name, err)
		}
	}
}

// take adds what a module defines.
func (c *Catalogue) take(classes map[string]*class) error {
	module := module(classes)
	for _, found := range classes {
		switch found.base {
		case "TerraformProvider":
			c.Provider = module.block(found)
			delete(c.Provider.Attributes, "alias")
		case "TerraformResource":
			c.Resources[found.terraform] = module.block(found)
		case "TerraformDataSource":
			c.DataSources[found.terraform] = module.block(found)
		}
	}
	return nil
}

// module is one file's classes: objects never come from another file.
type module map[string]*class

func (m module) block(of *class) *Block {
	result := &Block{Attributes: map[string]*Attribute{}, Blocks: map[string]*Nested{}}
	for name, member := range of.attributes {
		written := of.written[name]
		// A block that is computed too is an attribute that may be written as blocks; blocks in a map don't exist.
		if written != nil && written.block && written.collection != "map" && !member.computed {
			result.Blocks[name] = m.nested(member, written)
			continue
		}
		result.Attributes[name] = &Attribute{
			Type: encode(m.typeOf(member, written)), Required: member.required,
			Optional: member.optional, Computed: member.computed,
		}
	}
	return result
}

func (m module) nested(member *member, written *written) *Nested {
	result := &Nested{Nesting: written.collection, Block: &Block{}}
	if written.collection == "struct" {
		result.Nesting = "single"
	}
	if member.required {
		result.Min = 1
	}
	if strings.HasSuffix(member.holder, "OutputReference") && result.Nesting != "single" {
		result.Max = 1
	}
	name := strings.TrimSuffix(written.storage, "List")
	if inner := m.object(name); inner != nil {
		result.Block = m.block(inner)
	}
	return result
}

// object finds the class of the object `name`.
func (m module) object(name string) *class {
	if found := m[name+"OutputReference"]; found != nil {
		return found
	}
	return m[name]
}

// typeOf tells an attribute's type in the form of Terraform's JSON.
func (m module) typeOf(member *member, written *written) any {
	if written != nil && written.block {
		object := m.objectType(strings.TrimSuffix(strings.TrimSuffix(written.storage, "List"), "Map"))
		if written.collection == "struct" {
			return object
		}
		return []any{written.collection, object}
	}
	if written != nil {
		return stored(written)
	}
	switch collection := map[bool]string{true: "set", false: "list"}[member.set]; {
	case strings.HasPrefix(member.holder, "cdktf."):
		return wrapped(strings.TrimPrefix(member.holder, "cdktf."))
	case strings.HasSuffix(member.holder, "List"):
		return []any{collection, m.objectType(strings.TrimSuffix(member.holder, "List"))}
	case strings.HasSuffix(member.holder, "Map"):
		return []any{"map", m.objectType(strings.TrimSuffix(member.holder, "Map"))}
	case strings.HasSuffix(member.holder, "OutputReference"):
		return []any{collection, m.objectType(strings.TrimSuffix(member.holder, "OutputReference"))}
	case member.getter == "getListAttribute":
		return []any{collection, "string"}
	case member.getter == "getNumberListAttribute":
		return []any{collection, "number"}
	case strings.HasPrefix(member.getter, "get"):
		return wrapped(strings.TrimSuffix(strings.TrimPrefix(member.getter, "get"), "Attribute"))
	default:
		return "dynamic"
	}
}

func (m module) objectType(name string) any {
	fields := map[string]any{}
	if of := m.object(name); of != nil {
		for field, member := range of.attributes {
			fields[field] = m.typeOf(member, of.written[field])
		}
	}
	return []any{"object", fields}
}

// stored reads "stringList" with the collection "set" as a set of strings.
func stored(written *written) any {
	result := wrapped(written.storage)
	if outer, several := result.([]any); several && written.collection == "set" {
		return []any{"set", outer[1]}
	}
	return result
}

// wrapped reads a name from the inside out: "stringMapList" is a list of maps of strings.
func wrapped(name string) any {
	for suffix, collection := range map[string]string{"List": "list", "Map": "map"} {
		if inner, found := strings.CutSuffix(name, suffix); found {
			return []any{collection, wrapped(inner)}
		}
	}
	switch strings.ToLower(name) {
	case "string":
		return "string"
	case "number":
		return "number"
	case "boolean":
		return "bool"
	default:
		return "dynamic"
	}
}

func encode(kind any) json.RawMessage {
	text, err := json.Marshal(kind)
	if err != nil {
		panic(err) // strings, lists and maps of them always encode
	}
	return text
}
