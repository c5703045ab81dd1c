package clienttest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const repository = "../.."

// Every exported identifier of every module of the repository has a doc comment
// of its own: fields, constants, aliases and the methods of interfaces too. The
// programs of interop, which nobody imports, may go without.
func TestDocComments(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(repository, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "interop" || strings.HasPrefix(entry.Name(), ".") && path != repository):
			return filepath.SkipDir
		case entry.IsDir(), !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		if file.Name.Name == "main" {
			return nil
		}
		files++
		for _, missing := range undocumented(file) {
			position := set.Position(missing.Pos())
			name, _ := filepath.Rel(repository, position.Filename)
			t.Errorf("%s:%d: %s has no doc comment of its own", name, position.Line, missing.Name)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, files, 50, "the repository is elsewhere")
}

// undocumented returns the exported identifiers of a file that have no doc
// comment of their own.
func undocumented(file *ast.File) (missing []*ast.Ident) {
	check := func(names []*ast.Ident, comments ...*ast.CommentGroup) {
		var text strings.Builder
		for _, comment := range comments {
			text.WriteString(comment.Text())
		}
		for _, name := range names {
			named := strings.Contains(text.String(), name.Name) // several names can share a comment that has them all
			if name.IsExported() && (text.Len() == 0 || len(names) > 1 && !named) {
				missing = append(missing, name)
			}
		}
	}
	var checkType func(ast.Expr)
	checkType = func(expr ast.Expr) {
		var fields *ast.FieldList
		switch expr := expr.(type) {
		case *ast.StructType:
			fields = expr.Fields
		case *ast.InterfaceType:
			fields = expr.Methods
		default:
			return
		}
		for _, field := range fields.List {
			names := field.Names
			if _, isStruct := expr.(*ast.StructType); isStruct && len(names) == 0 {
				names = []*ast.Ident{embedded(field.Type)}
			}
			check(names, field.Doc, field.Comment)
			checkType(field.Type)
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil || embedded(decl.Recv.List[0].Type).IsExported() {
				check([]*ast.Ident{decl.Name}, decl.Doc)
			}
		case *ast.GenDecl:
			var own *ast.CommentGroup // that of a declaration without parentheses
			if !decl.Lparen.IsValid() {
				own = decl.Doc
			}
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					check([]*ast.Ident{spec.Name}, own, spec.Doc)
					if spec.Name.IsExported() {
						checkType(spec.Type)
					}
				case *ast.ValueSpec:
					check(spec.Names, own, spec.Doc, spec.Comment)
				}
			}
		}
	}
	return missing
}

// embedded returns the name of an embedded field or a receiver of the type.
func embedded(expr ast.Expr) *ast.Ident {
	switch expr := expr.(type) {
	case *ast.Ident:
		return expr
	case *ast.StarExpr:
		return embedded(expr.X)
	case *ast.SelectorExpr:
		return expr.Sel
	case *ast.IndexExpr:
		return embedded(expr.X)
	case *ast.IndexListExpr:
		return embedded(expr.X)
	default:
		panic(fmt.Sprintf("%T", expr))
	}
}

func TestUndocumented(t *testing.T) {
	t.Parallel()
	const source = `package p

// A has a comment.
const A = 1

const B, b = 1, 2 // B

// The group's comment is nobody's own.
const (
	MissingC = 1
	D        = 2 // D is two.
	// E is three.
	E = 3
)

// F is in the comment, and the next name is not.
var F, MissingG int

type MissingH = int

// I has fields.
type I struct {
	// J has a comment.
	J int
	MissingK int
	L, MissingM int // L
	unexported int
	// N is embedded.
	N
	MissingO
	// P has fields of its own.
	P struct{ MissingQ int }
}

// R has methods.
type R interface {
	MissingS()
	// T has a comment.
	T()
	fmt.Stringer
}

// U has a comment.
func (*I) U() {}
func (I) MissingV() {}
func (unexported) W() {}
func MissingX() {}

type unexported struct{ Y int }

//go:noinline
func MissingZ() {}
`
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ParseComments)
	require.NoError(t, err)
	var got []string
	for _, name := range undocumented(file) {
		got = append(got, strings.TrimPrefix(name.Name, "Missing"))
	}
	require.Equal(t, strings.Split("CGHKMOQSVXZ", ""), got)
}
