package awsconfig

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/smithy-go/logging"
)

// newLogger returns a logger that writes to one of the SDK's.
func newLogger(logger logging.Logger) *slog.Logger {
	return slog.New(&logHandler{logger: logger, with: func(h slog.Handler) slog.Handler { return h }})
}

// logHandler writes each record as one line of text. The SDK's loggers add time
// and classification.
type logHandler struct {
	logger logging.Logger
	with   func(slog.Handler) slog.Handler // adds attributes and groups
}

// Enabled is true at every level: aws.Config.ClientLogMode has decided.
func (h *logHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	var line strings.Builder
	text := slog.NewTextHandler(&line, &slog.HandlerOptions{Level: r.Level, ReplaceAttr: withoutLevel})
	r.Time = time.Time{}
	if err := h.with(text).Handle(ctx, r); err != nil {
		return err
	}
	classification := logging.Debug
	if r.Level >= slog.LevelWarn {
		classification = logging.Warn
	}
	logging.WithContext(ctx, h.logger).Logf(classification, "%s", strings.TrimSuffix(line.String(), "\n"))
	return nil
}

func withoutLevel(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) == 0 && attr.Key == slog.LevelKey {
		return slog.Attr{}
	}
	return attr
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{h.logger, func(inner slog.Handler) slog.Handler { return h.with(inner).WithAttrs(attrs) }}
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{h.logger, func(inner slog.Handler) slog.Handler { return h.with(inner).WithGroup(name) }}
}
