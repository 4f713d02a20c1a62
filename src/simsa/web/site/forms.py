"""How forms look: every field with its label, help and errors tied together for readers of all kinds."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """`{{ form }}` and `{{ form.name.as_field_group }}` use the site's own markup.

    Django ties help and errors to the field by aria-describedby; the templates only keep the ids that it expects.
    """

    form_template_name = "simsa/form.html"
    field_template_name = "simsa/field.html"
