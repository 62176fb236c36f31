package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func (p *provider) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

// PlanResourceChange proposes what was written, and leaves open what only AWS can know: a computed attribute that
// nobody set is unknown until it exists.
func (p *provider) PlanResourceChange(_ context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	failed := func(err error) (*tfprotov6.PlanResourceChangeResponse, error) {
		return &tfprotov6.PlanResourceChangeResponse{Diagnostics: []*tfprotov6.Diagnostic{refusal("cannot plan "+r.TypeName, err.Error())}}, nil
	}
	schema := p.schema.ResourceSchemas[r.TypeName]
	kind := schema.ValueType()
	proposed, err := r.ProposedNewState.Unmarshal(kind)
	if err != nil {
		return failed(err)
	}
	if !proposed.IsNull() {
		if proposed, err = tftypes.Transform(proposed, open(schema.Block)); err != nil {
			return failed(err)
		}
	}
	planned, err := tfprotov6.NewDynamicValue(kind, proposed)
	if err != nil {
		return failed(err)
	}
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: &planned, PlannedPrivate: r.PriorPrivate}, nil
}

// open makes unset computed attributes unknown and forgets what is only written.
func open(block *tfprotov6.SchemaBlock) func(*tftypes.AttributePath, tftypes.Value) (tftypes.Value, error) {
	return func(path *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		attribute := attributeAt(block, path.Steps())
		switch {
		case attribute == nil:
			return value, nil
		case attribute.WriteOnly:
			return tftypes.NewValue(value.Type(), nil), nil
		case attribute.Computed && value.IsNull():
			return tftypes.NewValue(value.Type(), tftypes.UnknownValue), nil
		default:
			return value, nil
		}
	}
}

// attributeAt finds the attribute that a path ends at; nil inside an attribute's value and at blocks.
func attributeAt(block *tfprotov6.SchemaBlock, steps []tftypes.AttributePathStep) *tfprotov6.SchemaAttribute {
	for at, step := range steps {
		name, named := step.(tftypes.AttributeName)
		if !named {
			continue
		}
		for _, attribute := range block.Attributes {
			if attribute.Name == string(name) && at == len(steps)-1 {
				return attribute
			}
		}
		inner := nestedAt(block, string(name))
		if inner == nil {
			return nil
		}
		block = inner
	}
	return nil
}

func nestedAt(block *tfprotov6.SchemaBlock, name string) *tfprotov6.SchemaBlock {
	for _, nested := range block.BlockTypes {
		if nested.TypeName == name {
			return nested.Block
		}
	}
	return nil
}

func (p *provider) UpgradeResourceState(_ context.Context, r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return &tfprotov6.UpgradeResourceStateResponse{Diagnostics: outside("the state of", r.TypeName)}, nil
}

func (p *provider) UpgradeResourceIdentity(_ context.Context, r *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return &tfprotov6.UpgradeResourceIdentityResponse{Diagnostics: outside("the identity of", r.TypeName)}, nil
}

func (p *provider) ReadResource(_ context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{Diagnostics: outside("reading", r.TypeName)}, nil
}

func (p *provider) ApplyResourceChange(_ context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return &tfprotov6.ApplyResourceChangeResponse{NewState: r.PriorState, Diagnostics: outside("applying", r.TypeName)}, nil
}

func (p *provider) ImportResourceState(_ context.Context, r *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return &tfprotov6.ImportResourceStateResponse{Diagnostics: outside("importing", r.TypeName)}, nil
}

func (p *provider) MoveResourceState(_ context.Context, r *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return &tfprotov6.MoveResourceStateResponse{Diagnostics: outside("moving", r.TargetTypeName)}, nil
}

func (p *provider) GenerateResourceConfig(_ context.Context, r *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return &tfprotov6.GenerateResourceConfigResponse{Diagnostics: outside("generating", r.TypeName)}, nil
}
