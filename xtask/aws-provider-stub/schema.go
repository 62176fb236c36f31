package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Catalogue is the schema of a whole provider, in the form in which it is kept between `extract` and a run.
type Catalogue struct {
	Provider    *Block            `json:"provider"`
	Resources   map[string]*Block `json:"resources"`
	DataSources map[string]*Block `json:"data_sources"`
}

// Block is what may stand between two braces.
type Block struct {
	Attributes map[string]*Attribute `json:"attributes,omitempty"`
	Blocks     map[string]*Nested    `json:"blocks,omitempty"`
}

// Attribute is a name with a value. Its type is written as Terraform writes types in JSON.
type Attribute struct {
	Type      json.RawMessage `json:"type"`
	Required  bool            `json:"required,omitempty"`
	Optional  bool            `json:"optional,omitempty"`
	Computed  bool            `json:"computed,omitempty"`
	Sensitive bool            `json:"sensitive,omitempty"`
	WriteOnly bool            `json:"write_only,omitempty"`
}

// Nested is a block inside a block, and how often it may stand there.
type Nested struct {
	Nesting string `json:"nesting"`
	Min     int64  `json:"min,omitempty"`
	Max     int64  `json:"max,omitempty"`
	Block   *Block `json:"block"`
}

var nestings = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
	"list":   tfprotov6.SchemaNestedBlockNestingModeList,
	"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
}

// readCatalogue reads the resources and data sources that are wanted; all of them when nothing is said.
func readCatalogue(path string, wanted []string) (*Catalogue, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	var kept struct {
		Provider    *Block                     `json:"provider"`
		Resources   map[string]json.RawMessage `json:"resources"`
		DataSources map[string]json.RawMessage `json:"data_sources"`
	}
	if err := json.NewDecoder(packed).Decode(&kept); err != nil {
		return nil, err
	}
	resources, err := only(kept.Resources, wanted)
	if err != nil {
		return nil, err
	}
	dataSources, err := only(kept.DataSources, wanted)
	return &Catalogue{Provider: kept.Provider, Resources: resources, DataSources: dataSources}, err
}

func only(kept map[string]json.RawMessage, wanted []string) (map[string]*Block, error) {
	if len(wanted) == 0 {
		wanted = names(kept)
	}
	result := map[string]*Block{}
	for _, name := range wanted {
		text, known := kept[name]
		if !known {
			continue
		}
		block := new(Block)
		if err := json.Unmarshal(text, block); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		result[name] = block
	}
	return result, nil
}

// write keeps the catalogue whole or not at all.
func (c *Catalogue) write(path string) error {
	unfinished := path + ".new"
	file, err := os.Create(unfinished)
	if err != nil {
		return err
	}
	defer file.Close()
	packed := gzip.NewWriter(file)
	if err := json.NewEncoder(packed).Encode(c); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
}

// schemas turns blocks into what the protocol speaks.
func schemas(blocks map[string]*Block) (map[string]*tfprotov6.Schema, error) {
	result := make(map[string]*tfprotov6.Schema, len(blocks))
	for name, block := range blocks {
		spoken, err := block.spoken()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		result[name] = &tfprotov6.Schema{Block: spoken}
	}
	return result, nil
}

func (b *Block) spoken() (*tfprotov6.SchemaBlock, error) {
	result := &tfprotov6.SchemaBlock{}
	for _, name := range names(b.Attributes) {
		attribute := b.Attributes[name]
		kind, err := tftypes.ParseJSONType(attribute.Type) //nolint:staticcheck // the one parser of this form
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		result.Attributes = append(result.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: kind, Required: attribute.Required, Optional: attribute.Optional,
			Computed: attribute.Computed, Sensitive: attribute.Sensitive, WriteOnly: attribute.WriteOnly,
		})
	}
	for _, name := range names(b.Blocks) {
		nested := b.Blocks[name]
		inner, err := nested.Block.spoken()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		result.BlockTypes = append(result.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: inner, Nesting: nestings[nested.Nesting],
			MinItems: nested.Min, MaxItems: nested.Max,
		})
	}
	return result, nil
}

func names[T any](of map[string]T) []string {
	result := make([]string, 0, len(of))
	for name := range of {
		result = append(result, name)
	}
	sort.Strings(result)
	return result
}
