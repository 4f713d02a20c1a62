from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('awards', '0001_initial'),
        ('entries', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='standing',
            name='expected_rank',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='rank_high',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='rank_low',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='zone',
            field=models.CharField(blank=True, choices=[('certain', 'certain'), ('tie', 'tie zone'), ('out', 'out of reach')], max_length=7),
        ),
        migrations.AddConstraint(
            model_name='standing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('expected_rank__isnull', True), ('rank_high__isnull', True), ('rank_low__isnull', True), ('zone', '')), models.Q(('chance__isnull', False), ('expected_rank__gte', 1), ('expected_rank__isnull', False), ('zone__in', ['certain', 'tie', 'out']), ('rank_high__gte', models.F('rank_low')), ('rank_high__isnull', False), ('rank_low__gte', 1), ('rank_low__isnull', False)), _connector='OR'), name='standing_zone_has_ranks'),
        ),
    ]
